//! `wuxin account`: who may call.

use super::{
    Failure, Shared,
    output::{print, table},
    runtime,
};
use crate::{
    clock::Clock,
    domain::{Region, Uscc},
    service::{self, Randomness, Role},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Account {
    /// Make an account; its token is printed this once
    Add {
        #[arg(long)]
        name: String,
        /// officer, reviewer, legal, decider, publisher, auditor, admin or security
        #[arg(long, value_parser = role)]
        role: Role,
        /// Division code the account works for [default: the whole city]
        #[arg(long, value_parser = region)]
        region: Option<Region>,
    },
    /// Give an account a name and a password to sign in to the pages, or new ones if they were lost; the password is
    /// printed this once, is good for 72 hours and must be changed at the first sign-in; a second factor is taken away
    Password {
        id: String,
        /// Name to sign in with
        #[arg(long)]
        login: String,
    },
    /// Make an account for a company, which signs in to the pages; its id is printed
    AddCompany {
        #[arg(long)]
        name: String,
        /// Unified social credit code of the company
        #[arg(long, value_parser = uscc)]
        company: Uscc,
    },
    /// All accounts
    List,
    /// End an account: its token is no longer accepted
    Revoke { id: String },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| Role::ALL.map(Role::as_str).join(", "))
}

fn region(text: &str) -> Result<Region, String> {
    Region::parse(text).map_err(|fault| fault.to_string())
}

fn uscc(text: &str) -> Result<Uscc, String> {
    Uscc::parse(text).map_err(|fault| fault.to_string())
}

/// Chance for passwords and sessions.
fn chance() -> Result<Randomness, Failure> {
    use rand::TryRngCore;
    Randomness::draw(|part| rand::rngs::OsRng.try_fill_bytes(part))
        .map_err(|fault| Failure::Outside(format!("random numbers: {fault}")))
}

/// 32 bytes for a token.
pub(super) fn randomness() -> Result<[u8; 32], Failure> {
    use rand::TryRngCore;
    let mut bytes = [0; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|fault| Failure::Outside(format!("random numbers: {fault}")))?;
    Ok(bytes)
}

impl Account {
    pub(super) fn run(&self, shared: &Shared) -> Result<(), Failure> {
        let app = runtime::open(&shared.settings()?)?;
        let now = Clock::System.now();
        match self {
            Self::Add { name, role, region } => {
                let bytes = randomness()?;
                let added = app.store.write(|db| {
                    service::add_account(db, "cli", name, *role, region.clone(), &bytes, now)
                })?;
                eprintln!(
                    "account {} ({}): the token is shown this once",
                    added.id, added.role
                );
                print(&format!("{}\n", added.token.reveal()))
            }
            Self::Password { id, login } => {
                let given = service::give_password(&app, "cli", id, login, &chance()?, now)?;
                eprintln!("account {id}: the password is shown this once");
                print(&format!("{}\n", given.reveal()))
            }
            Self::AddCompany { name, company } => {
                let id = app
                    .store
                    .write(|db| service::add_company_account(db, "cli", name, *company, now))?;
                print(&format!("{id}\n"))
            }
            Self::List => {
                let accounts = app.store.read(service::list_accounts)?;
                let rows: Vec<Vec<String>> = accounts
                    .into_iter()
                    .map(|account| {
                        vec![
                            account.id,
                            account.name,
                            account.role,
                            account
                                .region
                                .map(|region| region.to_string())
                                .unwrap_or_default(),
                            account
                                .revoked_at
                                .map(|at| at.to_rfc3339())
                                .unwrap_or_default(),
                        ]
                    })
                    .collect();
                print(&table(&["id", "name", "role", "region", "revoked"], &rows))
            }
            Self::Revoke { id } => {
                app.store
                    .write(|db| service::revoke_account(db, "cli", id, now))?;
                Ok(())
            }
        }
    }
}
