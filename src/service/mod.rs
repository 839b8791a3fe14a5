//! The use cases: enter a record, confirm it, score again, propose, decide, publish, look up. One transaction each.
//!
//! May know everything below it; knows no HTTP and no command line. `now` is an argument. Who may do what is decided by
//! `permission` alone; what an entry may go through by [`crate::listing`].

mod account_admin;
mod accounts;
mod app;
pub mod audit;
pub mod backup;
mod badge;
mod book;
mod canonical;
mod checks;
mod complaints;
pub mod deadlines;
pub mod documents;
mod draft;
mod entries;
mod error;
mod field;
pub mod figures;
mod import;
pub mod jobs;
mod lookup;
mod once;
mod permission;
mod portal;
mod prospect;
mod publish;
mod reconcile;
mod records;
mod replay;
mod reports;
mod rescore;
mod roles;
mod scoring;
mod sign_in;
mod statistics;

pub use crate::draw::EventValue as DrawValue;
pub use crate::draw::year::{YearFile, YearTask, YearVersion};
pub use crate::store::{
    ConnectionCounts, Db,
    blobs::{BlobError as BlobFault, Media, Received},
    companies::Cursor as CompanyCursor,
};
pub use account_admin::{
    AccountLine, accounts_seen, approve_account, end_account, hand_over_password, make_account,
    make_company_account, unlock_account,
};
pub use accounts::{
    AccountAdded, add_account, add_company_account, authenticate, list_accounts, revoke_account,
};
pub(crate) use app::templates;
pub use app::{App, OpenError};
pub use badge::{PublicEntry, ShownGrade, public_entry, shown_grade};
pub use book::{Gap, RuleBook};
pub use checks::{
    AttemptResults, CheckAccount, CheckAccountDraft, CheckCommit, CheckFile, CheckImport,
    CheckItem, CheckItemDraft, CheckOfficer, CheckOfficerDraft, CheckPublish, CheckPublished,
    CheckResults, CheckReveal, CheckScope, CheckScopeDraft, CheckSimulation, CheckTaskDraft,
    CheckTaskLine, CheckTaskView, CheckWish, CheckWithdraw, CompanyCheck, DrawLine, DrawnView,
    ImportedChecks, NewPhoto, ObjectResult, PhotoView, ResultCodeView, ShownItem, ShownOfficer,
    ShownVisit, VisitLine, VisitOf, VisitStep, VisitView, approve_check, attach_photo,
    bind_check_officer, check_results, commit_check, company_checks, create_check_task, draw_file,
    import_check_items, import_check_officers, list_check_items, list_check_officers,
    list_check_tasks, list_draws, may_attach_photo, my_visits, observe_check, publish_check,
    put_check_item, put_check_officer, put_check_scope, read_check_task, read_photo, read_visit,
    request_check, reveal_check, shown_visit, simulate_check, step_visit, who_was_drawn,
    withdraw_check,
};
pub use checks::{
    CheckObject, FairCoverage, FairDraw, FairPair, FairStratum, FairTest, FairnessView, LICENCE,
    OpenTable, PlannedTask, YearPlanChange, YearPlanDraft, YearPlanEventView, YearPlanLine,
    YearPlanView, YearSimulation, YearTaskDraft, amend_year_plan, approve_year_plan, draws_table,
    fairness_report, fairness_table, list_check_objects, list_year_plans, make_planned_task,
    objects_table, plan_table, prepare_year_plan, public_plan, public_plan_file, public_plans,
    read_year_plan, simulate_year_plan, tasks_table,
};
pub use complaints::{
    ComplaintDraft, ComplaintEventView, ComplaintImport, ComplaintLine, ComplaintPage,
    ComplaintQuestion, ComplaintStatistics, ComplaintView, ContactDraft, ContactView, GroupFigures,
    ImportedComplaints, ProposedRecord, RateDefinition, RateFigure, RecordProposal,
    StatisticsQuestion, complaint_contact, complaint_statistics, enter_complaint,
    import_complaints, list_complaints, propose_record, read_complaint, step_complaint,
};
pub use draft::RecordDraft;
pub use entries::{
    BasisDraft, BasisView, EntryView, ProposalByHand, StepNow, approve_basis, enter_basis,
    expire_due, list_bases, list_entries, propose_entry, read_entry, step_entry, withdraw_basis,
};
pub use error::Error;
pub use field::FieldFault;
pub use import::{ImportFiles, ImportReport, Progress, Tally, import, record_faults, titles};
pub use jobs::{JobLease, begin_job, end_job, last_slot};
pub use lookup::{
    CompanyLookup, ComponentValue, Listed, ListedCompany, PublicList, Question, RuleSetRef,
    ScorePoint, SearchPage, company, company_count, public_lists, reachable, search,
};
pub use once::{Answered, RequestKey, once};
pub use permission::{Action, Actor, Refusal, Role};
pub use portal::{
    CompanyEntry, CompanyMatters, CompanyRecord, CompanyRecordView, company_matters, company_record,
};
pub use prospect::{
    CompanyExplanation, CompanyOutlook, explanation, explanation_on, outlook, outlook_on,
};
pub use publish::{
    Brought, Exported, FeedStatus, Imported, LookLine, Now, Preview, PreviewBatch, PublishReport,
    Publisher, PublisherError, RejectLine, Scope, feed_status, feed_view,
};
pub use reconcile::{
    ComparisonLine, DifferenceLine, Drift, DriftCounts, Reconciled, Shows, drift, drift_alarms,
    drift_history, reconcile, reconcile_nightly, sign_comparison,
};
pub use records::{
    AttachmentView, CheckedAttachments, ClockView, Correction, Entered, EventView, NewAttachment,
    ProcessView, RecordStep, Stepped, attach, check_attachments, confirm_record, correct_record,
    enter_record, may_attach, read_attachment, read_process, read_record, rectify_record,
    revoke_record, step_record,
};
pub use replay::{
    Alarm, Choice, Difference, KnownScores, Replayed, acknowledge, alarms, raise, replay,
    score_known_at,
};
pub use reports::{CodeFault, GenuineReport, ReportCheck, ReportCode, check_report, report_code};
pub use rescore::{
    Rescored, ScoredUnder, rescore_all, rescore_due, rescore_if_rules_changed, score_stored,
    score_stored_under,
};
pub use roles::roles_page;
pub use sign_in::{
    Enrolment, Hasher, HasherError, Knock, Opened, Policy as SignInPolicy, Randomness, SignInFault,
    Signed, Stage, Who, begin_second_factor, change_password, confirm_second_factor,
    end_everywhere, end_session, enrolment, enter_code, give_password, second_factor_code,
    session_of, sign_in, touch_session,
};
pub use statistics::{
    CheckCoverage, DataField, DataFile, GradeShare, ListCount, MonthMoves, OPEN_DATA, ScoreStep,
    Statistics, statistics,
};
