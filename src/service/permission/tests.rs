use super::*;

/// The whole matrix, written out by hand: a change of the table is a change of this test.
#[test]
fn every_role_may_do_exactly_this() {
    // One column a role: officer, reviewer, legal, decider, publisher, auditor, admin, security.
    let table = [
        (Action::EnterRecord, "x......."),
        (Action::ConfirmRecord, ".x......"),
        (Action::CorrectRecord, ".x......"),
        (Action::RevokeRecord, ".x......"),
        (Action::RectifyRecord, "x......."),
        (Action::ReadRecord, "xxxx.x.."),
        (Action::ReadEntry, "x.xxxx.."),
        (Action::HandleEntry, "x......."),
        (Action::ReviewEntry, "..x....."),
        (Action::DecideEntry, "...x...."),
        (Action::PublishEntry, "....x..."),
        (Action::EnterBasis, "..x....."),
        (Action::ApproveBasis, "..xx...."),
        (Action::RunPublisher, "....x..."),
        (Action::ReadAudit, ".....x.."),
        (Action::ManageAccounts, "......x."),
        (Action::ApproveAccount, ".......x"),
        (Action::MakeCompanyAccount, "x......."),
        (Action::ReadJobs, "....xxx."),
        (Action::ReadDeadlines, "xxxxxx.."),
        (Action::IssueDocument, "xx......"),
        (Action::VoidDocument, ".x.x...."),
        (Action::ReadDocument, "xxxxxx.."),
        (Action::HandleRecord, "x......."),
        (Action::ExamineObjection, ".x......"),
        (Action::CheckRectification, ".x......"),
        (Action::AttachFile, "xx......"),
        (Action::EnterComplaint, "x......."),
        (Action::HandleComplaint, "x......."),
        (Action::ReviewComplaint, ".x......"),
        (Action::ReadComplaint, "xx...x.."),
        (Action::ReadContact, "x......."),
        (Action::ReadComparison, "....xx.."),
        (Action::SignComparison, "...xx..."),
        (Action::PrepareCheck, "x......."),
        (Action::ApproveCheck, ".x......"),
        (Action::ReadCheck, "xx...x.."),
        (Action::Inspect, "x......."),
        (Action::AnnulVisit, ".x......"),
    ];
    assert_eq!(table.map(|(action, _)| action), Action::ALL);
    for (action, marks) in table {
        for (role, mark) in Role::ALL.into_iter().zip(marks.chars()) {
            assert_eq!(role.may(action), mark == 'x', "{role} {action:?}");
        }
    }
}

#[test]
fn an_auditor_changes_nothing() {
    let may: Vec<Action> = Action::ALL
        .into_iter()
        .filter(|action| Role::Auditor.may(*action))
        .collect();
    assert_eq!(
        may,
        [
            Action::ReadRecord,
            Action::ReadEntry,
            Action::ReadAudit,
            Action::ReadJobs,
            Action::ReadDeadlines,
            Action::ReadDocument,
            Action::ReadComplaint,
            Action::ReadComparison,
            Action::ReadCheck,
        ]
    );
}

#[test]
fn stored_names_of_roles_are_read_back() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.as_str()), Some(role));
    }
    assert_eq!(Role::parse("king"), None);
}

#[test]
fn an_account_of_a_district_stays_in_it() {
    let actor = |region: Option<&str>| Actor {
        id: "a".into(),
        role: Role::Officer,
        region: region.map(|code| Region::parse(code).unwrap()),
    };
    let place = Region::parse("512002001").unwrap();
    assert_eq!(actor(None).check(Action::EnterRecord, Some(&place)), Ok(()));
    assert_eq!(
        actor(Some("512002")).check(Action::EnterRecord, Some(&place)),
        Ok(())
    );
    assert!(matches!(
        actor(Some("512021")).check(Action::EnterRecord, Some(&place)),
        Err(Refusal::Region { .. })
    ));
    assert!(matches!(
        actor(Some("512002")).check(Action::EnterRecord, None),
        Err(Refusal::Region { .. })
    ));
}
