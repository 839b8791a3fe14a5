//! Signing in as use cases, with a clock that is turned by hand and chance that is counted.

use chrono::{DateTime, TimeDelta, Utc};
use wuxin::{
    config::{Secret, Settings, SignIn},
    domain::Region,
    service::{
        self, Actor, App, Db, Enrolment, Error, Knock, Opened, Randomness, Role, SignInFault,
        Signed, Stage, change_password, confirm_second_factor, enrolment, enter_code,
        give_password, second_factor_code, session_of, sign_in, touch_session,
    },
};

struct House {
    app: App,
    now: DateTime<Utc>,
    draws: u8,
}

fn house() -> House {
    let settings = Settings {
        database_url: Secret::new("sqlite::memory:"),
        sign_in: SignIn {
            memory_kib: 16,
            passes: 1,
            ..SignIn::default()
        },
        ..Settings::default()
    };
    House {
        app: App::open(&settings).unwrap(),
        now: "2026-07-01T01:00:00Z".parse().unwrap(),
        draws: 0,
    }
}

const PASSWORD: &str = "an evening by the river";

impl House {
    fn chance(&mut self) -> Randomness {
        self.draws += 1;
        Randomness {
            session: [self.draws; 32],
            csrf: [self.draws; 32],
            salt: [self.draws; 16],
            factor: [self.draws; 20],
        }
    }

    fn account(&mut self, role: Role) -> String {
        let (name, now) = (format!("示例{}", self.draws), self.now);
        let token = self.chance().session;
        let region = Region::parse("512002").unwrap();
        let add = |db: &mut Db| {
            service::add_account(db, "test", &name, role, Some(region.clone()), &token, now)
        };
        self.app.store.write(add).unwrap().id
    }

    fn given(&mut self, id: &str, login: &str) -> Secret {
        let (chance, now) = (self.chance(), self.now);
        give_password(&self.app, "test", id, login, &chance, now).unwrap()
    }

    fn knock(&mut self, login: &str, password: &Secret) -> Result<Opened, String> {
        let (chance, now) = (self.chance(), self.now);
        let knock = Knock {
            login: login.to_owned(),
            password: password.clone(),
            agent: "test".to_owned(),
        };
        sign_in(&self.app, &knock, &chance, now).map_err(|fault| fault.to_string())
    }

    fn signed(&self, opened: &Opened) -> Option<Signed> {
        let token = opened.token.reveal();
        let of = |db: &mut Db| session_of(db, &self.app.sign_in, token, self.now);
        self.app.store.read(of).unwrap()
    }

    /// An officer who has chosen a password.
    fn officer(&mut self, login: &str) -> (String, Opened) {
        let id = self.account(Role::Officer);
        let given = self.given(&id, login);
        let opened = self.knock(login, &given).unwrap();
        let signed = self.signed(&opened).unwrap();
        let (chance, now) = (self.chance(), self.now);
        let new = Secret::new(PASSWORD);
        let opened = change_password(&self.app, &signed, &given, &new, &chance, now).unwrap();
        (id, opened)
    }
}

#[test]
fn a_given_password_must_be_changed_and_lasts_three_days() {
    let mut house = house();
    let id = house.account(Role::Officer);
    let given = house.given(&id, "Zhang.San ");
    let opened = house.knock(" zhang.SAN", &given).unwrap();
    assert_eq!(opened.stage, Stage::Password);
    house.now += TimeDelta::hours(73);
    assert_eq!(
        house.knock("zhang.san", &given).unwrap_err(),
        "登录名或者密码不正确"
    );
}

#[test]
fn a_name_that_is_none_is_answered_and_locked_as_one_that_is() {
    let mut house = house();
    house.officer("real");
    let wrong = Secret::new("wrong");
    let mut answers = Vec::new();
    for login in ["real", "none"] {
        let of_name: Vec<String> = (0..9)
            .map(|_| {
                house.now += TimeDelta::seconds(10);
                house.knock(login, &wrong).unwrap_err()
            })
            .collect();
        answers.push(of_name);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0][4], "登录名或者密码不正确");
    assert_eq!(answers[0][5], "连续失败次数过多，请在 1 分钟后再试");
}

#[test]
fn the_right_password_does_not_open_a_locked_door_and_an_administrator_does() {
    let mut house = house();
    let (id, _) = house.officer("real");
    let (right, wrong) = (Secret::new(PASSWORD), Secret::new("wrong"));
    for _ in 0..5 {
        house.knock("real", &wrong).unwrap_err();
    }
    assert!(house.knock("real", &right).unwrap_err().contains("分钟后"));
    let now = house.now;
    house
        .app
        .store
        .write(|db| {
            let security = Actor {
                id: "A0".to_owned(),
                role: Role::Security,
                region: None,
            };
            service::unlock_account(db, &security, &id, now)
        })
        .unwrap();
    assert_eq!(house.knock("real", &right).unwrap().stage, Stage::Full);
    // A success forgets the failures before it.
    for _ in 0..4 {
        house.knock("real", &wrong).unwrap_err();
    }
    assert_eq!(house.knock("real", &right).unwrap().stage, Stage::Full);
}

#[test]
fn a_session_ends_when_idle_and_at_its_last_hour_and_with_its_account() {
    let mut house = house();
    let (id, opened) = house.officer("real");
    let began = house.now;
    house.now = began + TimeDelta::minutes(29);
    assert!(house.signed(&opened).unwrap().stale);
    house.now = began + TimeDelta::minutes(30);
    assert!(house.signed(&opened).is_none());
    // Used every twenty minutes, it lasts until its last hour.
    let mut at = began;
    while at < began + TimeDelta::hours(12) {
        house.now = at;
        let signed = house.signed(&opened).unwrap();
        house
            .app
            .store
            .write(|db| touch_session(db, &signed, at))
            .unwrap();
        at += TimeDelta::minutes(20);
    }
    house.now = began + TimeDelta::hours(12);
    assert!(house.signed(&opened).is_none());
    let again = house.knock("real", &Secret::new(PASSWORD)).unwrap();
    assert!(house.signed(&again).is_some());
    let now = house.now;
    house
        .app
        .store
        .write(|db| service::revoke_account(db, "test", &id, now))
        .unwrap();
    assert!(house.signed(&again).is_none());
}

#[test]
fn a_changed_password_ends_every_other_session() {
    let mut house = house();
    let (_, first) = house.officer("real");
    let second = house.knock("real", &Secret::new(PASSWORD)).unwrap();
    let signed = house.signed(&second).unwrap();
    let (chance, now) = (house.chance(), house.now);
    let (old, new) = (Secret::new(PASSWORD), Secret::new("a morning in the hills"));
    let third = change_password(&house.app, &signed, &old, &new, &chance, now).unwrap();
    assert!(house.signed(&first).is_none() && house.signed(&second).is_none());
    assert!(house.signed(&third).is_some());
    assert!(house.knock("real", &old).is_err());
}

#[test]
fn who_approves_sets_up_a_second_factor_before_anything_else() {
    let mut house = house();
    let id = house.account(Role::Decider);
    let given = house.given(&id, "real");
    let opened = house.knock("real", &given).unwrap();
    assert_eq!(opened.stage, Stage::Enrol);
    let signed = house.signed(&opened).unwrap();
    let shown = house
        .app
        .store
        .read(|db| enrolment(db, &signed, "物信"))
        .unwrap();
    let Enrolment::Shown { secret, .. } = shown else {
        panic!("{shown:?}");
    };
    let code = second_factor_code(secret.reveal(), house.now).unwrap();
    let (chance, now) = (house.chance(), house.now);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let fault = confirm_second_factor(&house.app, &signed, wrong, &chance, now).unwrap_err();
    assert!(matches!(fault, Error::SignIn(SignInFault::WrongCode)));
    let next = confirm_second_factor(&house.app, &signed, &code, &chance, now).unwrap();
    assert_eq!(next.stage, Stage::Password);
    // Shown never again, and the code that set it up lets nobody in.
    let signed = house.signed(&next).unwrap();
    let shown = house.app.store.read(|db| enrolment(db, &signed, "物信"));
    assert!(matches!(shown.unwrap(), Enrolment::InUse));
    let half = house.knock("real", &given).unwrap();
    assert_eq!(half.stage, Stage::Code);
    let signed = house.signed(&half).unwrap();
    let (chance, now) = (house.chance(), house.now);
    let fault = enter_code(&house.app, &signed, &code, &chance, now).unwrap_err();
    assert!(matches!(fault, Error::SignIn(SignInFault::WrongCode)));
    house.now += TimeDelta::seconds(60);
    let later = second_factor_code(secret.reveal(), house.now).unwrap();
    let now = house.now;
    let whole = enter_code(&house.app, &signed, &later, &chance, now).unwrap();
    assert_eq!(
        whole.stage,
        Stage::Password,
        "it is still the given password"
    );
}

#[test]
fn codes_are_guessed_no_oftener_than_passwords() {
    let mut house = house();
    let id = house.account(Role::Decider);
    let given = house.given(&id, "real");
    let opened = house.knock("real", &given).unwrap();
    let signed = house.signed(&opened).unwrap();
    let mut answers = Vec::new();
    for _ in 0..6 {
        let (chance, now) = (house.chance(), house.now);
        let fault = confirm_second_factor(&house.app, &signed, "x", &chance, now).unwrap_err();
        answers.push(fault.to_string());
    }
    assert!(answers[3].starts_with("验证码不正确"), "{answers:?}");
    assert!(answers[5].starts_with("连续失败"), "{answers:?}");
}

#[test]
fn a_login_is_one_accounts_alone() {
    let mut house = house();
    house.officer("real");
    let other = house.account(Role::Officer);
    for login in ["REAL", "", "a", "a b", "a\nb"] {
        let (chance, now) = (house.chance(), house.now);
        let fault = give_password(&house.app, "test", &other, login, &chance, now).unwrap_err();
        assert!(matches!(fault, Error::Invalid(_)), "{login:?}");
    }
    let (chance, now) = (house.chance(), house.now);
    let fault = give_password(&house.app, "test", "A0", "new", &chance, now).unwrap_err();
    assert!(matches!(fault, Error::Missing { .. }));
}

/// RFC 6238, appendix B, the last six of its eight digits.
#[test]
fn the_codes_are_those_of_the_standard() {
    // "12345678901234567890" in base32.
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (seconds, expected) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!(second_factor_code(secret, at).unwrap(), expected);
    }
}

#[test]
fn a_new_password_is_long_and_not_known() {
    let mut house = house();
    let (_, opened) = house.officer("real.name");
    let signed = house.signed(&opened).unwrap();
    let old = Secret::new(PASSWORD);
    for (new, code) in [
        ("", "S002"),
        ("eleven char", "S002"),
        ("Password1234", "S004"),
        ("zzzzzzzzzzzzzz", "S004"),
        ("real.name123", "S003"),
        (PASSWORD, "S005"),
    ] {
        let (chance, now) = (house.chance(), house.now);
        let new = Secret::new(new);
        let fault = change_password(&house.app, &signed, &old, &new, &chance, now).unwrap_err();
        let Error::Invalid(faults) = fault else {
            panic!("{fault:?}");
        };
        assert_eq!(faults[0].code, code);
    }
    let (chance, now) = (house.chance(), house.now);
    let new = Secret::new("十二个汉字就够长了没有问题");
    change_password(&house.app, &signed, &old, &new, &chance, now).unwrap();
}
