//! The legal basis of a list.

use diesel::{RunQueryDsl, sql_query};
use wuxin::store::{
    StoreError,
    list_bases::{self as bases, NewBasis},
};

use crate::{
    on_both,
    support::{TestStore, synthetic::*},
};

on_both!(
    a_basis_keeps_who_approved_it_and_is_taken_back_once,
    a_basis_can_neither_be_edited_nor_deleted,
);

fn basis(id: &str, list: &str) -> NewBasis {
    NewBasis {
        id: id.to_owned(),
        list: list.to_owned(),
        level: "地方性法规".to_owned(),
        title: "示例条例".to_owned(),
        number: "示例公告第1号".to_owned(),
        article: "第十条".to_owned(),
        effective_from: day("2026-01-01"),
        effective_until: None,
        entered_by: "甲".to_owned(),
    }
}

fn a_basis_keeps_who_approved_it_and_is_taken_back_once(test: &TestStore) {
    let store = &test.store;
    store
        .write(|db| {
            bases::enter(db, &basis("b1", "serious"), at(0))?;
            bases::enter(db, &basis("b2", "serious"), at(0))?;
            bases::enter(db, &basis("b3", "watch"), at(0))?;
            bases::approve(db, "b1", "丙", at(1))?;
            bases::approve(db, "b1", "乙", at(2))
        })
        .unwrap();
    let again = store.write(|db| bases::enter(db, &basis("b1", "watch"), at(3)));
    assert!(matches!(again, Err(StoreError::Exists { .. })));
    let twice = store.write(|db| bases::approve(db, "b1", "乙", at(3)));
    assert!(matches!(twice, Err(StoreError::Exists { .. })));
    let found = store.read(|db| bases::find(db, "b1")).unwrap().unwrap();
    assert_eq!(found.basis, basis("b1", "serious"));
    assert_eq!(found.approved_by, ["丙", "乙"]);
    assert_eq!((found.entered_at, found.withdrawn), (at(0), None));

    let withdraw = || store.write(|db| bases::withdraw(db, "b2", "甲", "录入有误", at(4)));
    withdraw().unwrap();
    assert!(matches!(withdraw(), Err(StoreError::State { .. })));
    let standing = store.read(|db| bases::of_list(db, "serious")).unwrap();
    let ids: Vec<&str> = standing.iter().map(|one| one.basis.id.as_str()).collect();
    assert_eq!(ids, ["b1"]);
    let all = store.read(bases::all).unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(all[1].withdrawn.as_ref().unwrap().reason, "录入有误");
    assert_eq!(store.read(|db| bases::find(db, "b\0")).unwrap(), None);
}

fn a_basis_can_neither_be_edited_nor_deleted(test: &TestStore) {
    let store = &test.store;
    store
        .write(|db| {
            bases::enter(db, &basis("b1", "serious"), at(0))?;
            bases::approve(db, "b1", "乙", at(1))?;
            bases::enter(db, &basis("b2", "serious"), at(0))?;
            bases::withdraw(db, "b2", "甲", "录入有误", at(2))
        })
        .unwrap();
    for statement in [
        "UPDATE list_basis SET level = '法律' WHERE id = 'b1'",
        "UPDATE list_basis SET withdrawn_reason = '别的' WHERE id = 'b2'",
        "UPDATE list_basis SET withdrawn_by = NULL, withdrawn_at = NULL WHERE id = 'b2'",
        "DELETE FROM list_basis WHERE id = 'b2'",
        "UPDATE list_basis_approval SET actor = '丁'",
        "DELETE FROM list_basis_approval",
    ] {
        let refused: Result<usize, StoreError> =
            store.write(|db| Ok(sql_query(statement).execute(db)?));
        assert!(refused.is_err(), "{statement}");
    }
    let found = store.read(|db| bases::find(db, "b1")).unwrap().unwrap();
    assert_eq!(found.approved_by, ["乙"]);
}
