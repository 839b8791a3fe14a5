//! The tables, as both migrations make them.

diesel::table! {
    company (uscc) {
        uscc -> Text,
        name -> Text,
        name_key -> Text,
        region -> Nullable<Text>,
        registered_on -> Nullable<Text>,
        status -> Text,
        legal_representative -> Nullable<Text>,
        address -> Nullable<Text>,
        phone -> Nullable<Text>,
        digest -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    contract (company, project, from_on) {
        company -> Text,
        project -> Text,
        from_on -> Text,
        until_on -> Nullable<Text>,
        name -> Text,
        region -> Nullable<Text>,
        area -> Nullable<Text>,
        households -> Nullable<BigInt>,
        contract_value -> Nullable<Text>,
        service_grade -> Nullable<Text>,
        digest -> Text,
        updated_at -> BigInt,
    }
}

diesel::table! {
    record (company, id, version) {
        company -> Text,
        id -> Text,
        version -> BigInt,
        item -> Text,
        kind -> Nullable<Text>,
        project -> Nullable<Text>,
        manager -> Nullable<Text>,
        body -> Nullable<Text>,
        occurred_on -> Nullable<Text>,
        decided_on -> Nullable<Text>,
        entered_on -> Nullable<Text>,
        published_on -> Nullable<Text>,
        valid_until -> Nullable<Text>,
        points -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        matter -> Nullable<Text>,
        rectify_by -> Nullable<Text>,
        rectified_on -> Nullable<Text>,
        status -> Text,
        attributes -> Text,
        digest -> Text,
        cause -> Text,
        actor -> Text,
        recorded_at -> BigInt,
        superseded_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    record_event (company, record, seq) {
        company -> Text,
        record -> Text,
        seq -> BigInt,
        kind -> Text,
        actor -> Text,
        role -> Text,
        at -> BigInt,
        reason -> Text,
        data -> Text,
    }
}

diesel::table! {
    attachment (company, record, digest) {
        company -> Text,
        record -> Text,
        digest -> Text,
        media -> Text,
        size -> BigInt,
        name -> Text,
        about -> Text,
        actor -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    ruleset (id, digest) {
        id -> Text,
        digest -> Text,
        source -> Text,
        loaded_at -> BigInt,
    }
}

diesel::table! {
    rule_book (seq) {
        seq -> BigInt,
        texts -> Text,
        loaded_at -> BigInt,
    }
}

diesel::table! {
    fact_version (company, kind, key, version) {
        company -> Text,
        kind -> Text,
        key -> Text,
        version -> BigInt,
        data -> Nullable<Text>,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    score (company, ruleset, seq) {
        company -> Text,
        ruleset -> Text,
        seq -> BigInt,
        ruleset_digest -> Text,
        as_of -> Text,
        points -> BigInt,
        grade -> Text,
        rated -> Bool,
        next_change_on -> Nullable<Text>,
        digest -> Text,
        explanation -> Text,
        cause -> Text,
        cause_record -> Nullable<Text>,
        computed_at -> BigInt,
    }
}

diesel::table! {
    score_current (company, ruleset) {
        company -> Text,
        ruleset -> Text,
        seq -> BigInt,
        as_of -> Text,
        points -> BigInt,
        grade -> Text,
        rated -> Bool,
        next_change_on -> Nullable<Text>,
        digest -> Text,
        computed_at -> BigInt,
    }
}

diesel::table! {
    entry (company, id) {
        company -> Text,
        id -> Text,
        list -> Text,
        state -> Text,
        severity -> Nullable<Text>,
        due_on -> Nullable<Text>,
        version -> BigInt,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    entry_event (company, entry, seq) {
        company -> Text,
        entry -> Text,
        seq -> BigInt,
        kind -> Text,
        actor -> Text,
        role -> Text,
        at -> BigInt,
        reason -> Text,
        data -> Text,
    }
}

diesel::table! {
    feed_target (target) {
        target -> Text,
        last_number -> BigInt,
        frozen -> Bool,
        frozen_reason -> Text,
    }
}

diesel::table! {
    feed_change (company, seq) {
        seq -> BigInt,
        company -> Text,
        target -> Text,
        record_id -> Text,
        version -> BigInt,
        op -> Text,
        withdrawal -> Bool,
        payload -> Text,
        digest -> Text,
        created_at -> BigInt,
        batch -> Nullable<Text>,
        state -> Text,
        detail -> Text,
    }
}

diesel::table! {
    feed_batch (id) {
        id -> Text,
        target -> Text,
        number -> BigInt,
        lane -> Text,
        idempotency_key -> Text,
        body -> Binary,
        digest -> Text,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Nullable<BigInt>,
        sealed_at -> BigInt,
    }
}

diesel::table! {
    feed_attempt (batch, number, phase) {
        batch -> Text,
        number -> BigInt,
        phase -> Text,
        at -> BigInt,
        outcome -> Text,
        detail -> Text,
    }
}

diesel::table! {
    lease (name) {
        name -> Text,
        holder -> Text,
        token -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    job_run (name, slot) {
        name -> Text,
        slot -> BigInt,
        started_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        outcome -> Text,
        detail -> Text,
    }
}

diesel::table! {
    job (name) {
        name -> Text,
        since -> BigInt,
        slot -> Nullable<BigInt>,
        started_at -> Nullable<BigInt>,
        holder -> Text,
    }
}

diesel::table! {
    job_history (id) {
        id -> BigInt,
        name -> Text,
        slot -> Nullable<BigInt>,
        holder -> Text,
        started_at -> BigInt,
        finished_at -> BigInt,
        outcome -> Text,
        detail -> Text,
    }
}

diesel::table! {
    account (id) {
        id -> Text,
        name -> Text,
        token_hash -> Text,
        role -> Text,
        region -> Nullable<Text>,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        kind -> Text,
        uscc -> Nullable<Text>,
        made_by -> Text,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    credential (account) {
        account -> Text,
        login -> Text,
        password_hash -> Text,
        password_at -> BigInt,
        temporary -> Bool,
        totp_secret -> Nullable<Text>,
        totp_since -> Nullable<BigInt>,
        totp_step -> BigInt,
    }
}

diesel::table! {
    session (id_hash) {
        id_hash -> Text,
        account -> Text,
        stage -> Text,
        csrf -> Text,
        agent -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    sign_in_failure (login_hash) {
        login_hash -> Text,
        failures -> BigInt,
        at -> BigInt,
        locked_until -> BigInt,
    }
}

diesel::table! {
    sign_in_event (id) {
        id -> BigInt,
        at -> BigInt,
        account -> Nullable<Text>,
        actor -> Nullable<Text>,
        what -> Text,
        agent -> Text,
    }
}

diesel::table! {
    request_key (account, key) {
        account -> Text,
        key -> Text,
        digest -> Text,
        status -> BigInt,
        body -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    audit_event (company, id) {
        id -> BigInt,
        company -> Text,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        subject -> Text,
        data -> Text,
    }
}

diesel::table! {
    audit_chain (number) {
        number -> BigInt,
        event -> BigInt,
        digest -> Text,
    }
}

diesel::table! {
    deadline (matter_kind, matter, number) {
        matter_kind -> Text,
        matter -> Text,
        number -> BigInt,
        company -> Nullable<Text>,
        region -> Nullable<Text>,
        title -> Text,
        rule -> Text,
        period -> Text,
        start_event -> Text,
        start_on -> Text,
        due_on -> Nullable<Text>,
        calendar -> Text,
        state -> Text,
        closed_on -> Nullable<Text>,
        days_late -> BigInt,
        reminded -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    deadline_event (matter_kind, matter, number, seq) {
        matter_kind -> Text,
        matter -> Text,
        number -> BigInt,
        seq -> BigInt,
        cause -> Text,
        at -> BigInt,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::table! {
    document_counter (kind, year) {
        kind -> Text,
        year -> BigInt,
        last -> BigInt,
    }
}

diesel::table! {
    document (kind, year, number) {
        kind -> Text,
        year -> BigInt,
        number -> BigInt,
        id -> Text,
        mark -> Text,
        matter_kind -> Text,
        matter -> Text,
        company -> Text,
        region -> Nullable<Text>,
        title -> Text,
        digest -> Text,
        template_digest -> Text,
        html -> Binary,
        issued_by -> Text,
        issued_at -> BigInt,
    }
}

diesel::table! {
    document_void (document) {
        document -> Text,
        reason -> Text,
        voided_by -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    list_basis (id) {
        id -> Text,
        list -> Text,
        level -> Text,
        title -> Text,
        number -> Text,
        article -> Text,
        effective_from -> Text,
        effective_until -> Nullable<Text>,
        entered_by -> Text,
        entered_at -> BigInt,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<BigInt>,
        withdrawn_reason -> Nullable<Text>,
    }
}

diesel::table! {
    list_basis_approval (basis, actor) {
        basis -> Text,
        actor -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    complaint (company, id) {
        company -> Text,
        id -> Text,
        project -> Nullable<Text>,
        channel -> Text,
        reference -> Nullable<Text>,
        category -> Text,
        office -> Text,
        level -> Text,
        state -> Text,
        received_on -> Text,
        due_on -> Nullable<Text>,
        version -> BigInt,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    complaint_event (company, complaint, seq) {
        company -> Text,
        complaint -> Text,
        seq -> BigInt,
        kind -> Text,
        actor -> Text,
        office -> Text,
        at -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    complaint_contact (company, complaint) {
        company -> Text,
        complaint -> Text,
        name -> Nullable<Text>,
        phone -> Nullable<Text>,
        address -> Nullable<Text>,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    check_version (kind, id, version) {
        kind -> Text,
        id -> Text,
        version -> BigInt,
        district -> Nullable<Text>,
        actor -> Text,
        at -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    check_task (id) {
        id -> Text,
        district -> Text,
        state -> Text,
        version -> BigInt,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    check_task_event (task, seq) {
        task -> Text,
        seq -> BigInt,
        kind -> Text,
        actor -> Text,
        at -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    check_file (task, seq) {
        task -> Text,
        seq -> BigInt,
        at -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    check_secret (task, seq) {
        task -> Text,
        seq -> BigInt,
        at -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    check_visit (company, task, attempt, number, object, way) {
        company -> Text,
        task -> Text,
        attempt -> BigInt,
        number -> BigInt,
        object -> Text,
        way -> BigInt,
        kind -> Text,
        district -> Text,
        grade -> Text,
        officers -> Text,
        year -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    inspection (company, task, attempt, object) {
        company -> Text,
        task -> Text,
        attempt -> BigInt,
        object -> Text,
        state -> Text,
        version -> BigInt,
        code -> Nullable<Text>,
        code_digest -> Nullable<Text>,
        arrived_on -> Nullable<Text>,
        settled_on -> Nullable<Text>,
        year -> BigInt,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    inspection_event (task, attempt, object, seq) {
        task -> Text,
        attempt -> BigInt,
        object -> Text,
        seq -> BigInt,
        kind -> Text,
        actor -> Text,
        at -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    inspection_record (task, attempt, object, item) {
        task -> Text,
        attempt -> BigInt,
        object -> Text,
        item -> Text,
        record -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    inspection_file (task, attempt, object, digest) {
        task -> Text,
        attempt -> BigInt,
        object -> Text,
        digest -> Text,
        media -> Text,
        size -> BigInt,
        name -> Text,
        actor -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    inspection_publication (task, attempt) {
        task -> Text,
        attempt -> BigInt,
        due_on -> Nullable<Text>,
        published_on -> Text,
        days_late -> BigInt,
        actor -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    feed_parent (batch) {
        batch -> Text,
        parent -> Text,
    }
}

diesel::table! {
    feed_reject (change) {
        change -> BigInt,
        target -> Text,
        batch -> Nullable<Text>,
        kind -> Text,
        class -> Text,
        owner -> Text,
        code -> Text,
        field -> Nullable<Text>,
        message -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    feed_delay (change) {
        change -> BigInt,
        tries -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    feed_receipt (id) {
        id -> BigInt,
        target -> Text,
        batch -> Nullable<Text>,
        source -> Text,
        name -> Text,
        digest -> Text,
        body -> Binary,
        outcome -> Text,
        detail -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    feed_look (target, record_id) {
        target -> Text,
        record_id -> Text,
        change -> BigInt,
        company -> Text,
        withdrawal -> Bool,
        accepted_at -> BigInt,
        due -> BigInt,
        looks -> BigInt,
        until -> BigInt,
        late -> Bool,
        says -> Text,
    }
}

diesel::table! {
    feed_sight (change) {
        change -> BigInt,
        target -> Text,
        record_id -> Text,
        seen -> Text,
        source -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    feed_comparison (id) {
        id -> Text,
        target -> Text,
        source -> Text,
        name -> Text,
        run_by -> Text,
        started_at -> BigInt,
        finished_at -> BigInt,
        outcome -> Text,
        detail -> Text,
        expected -> BigInt,
        shown -> BigInt,
        in_flight -> BigInt,
        extra -> BigInt,
        missing -> BigInt,
        status_diff -> BigInt,
        stale_version -> BigInt,
        name_changed -> BigInt,
        field_diff -> BigInt,
    }
}

diesel::table! {
    feed_difference (id) {
        id -> BigInt,
        comparison -> Text,
        target -> Text,
        key -> Text,
        class -> Text,
        known -> Bool,
        record_id -> Nullable<Text>,
        data -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    feed_difference_event (id) {
        id -> BigInt,
        difference -> BigInt,
        state -> Text,
        actor -> Text,
        words -> Text,
        change -> Nullable<BigInt>,
        at -> BigInt,
    }
}

diesel::table! {
    check_plan (id) {
        id -> Text,
        year -> BigInt,
        district -> Text,
        state -> Text,
        version -> BigInt,
        data -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    check_plan_event (plan, seq) {
        plan -> Text,
        seq -> BigInt,
        kind -> Text,
        actor -> Text,
        at -> BigInt,
        data -> Text,
    }
}

diesel::table! {
    check_plan_file (plan, seq) {
        plan -> Text,
        seq -> BigInt,
        at -> BigInt,
        data -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(feed_difference, feed_difference_event);
diesel::allow_tables_to_appear_in_same_query!(
    company,
    contract,
    record,
    record_event,
    score,
    score_current,
    entry,
    entry_event
);
diesel::joinable!(feed_attempt -> feed_batch (batch));
diesel::allow_tables_to_appear_in_same_query!(
    feed_target,
    feed_change,
    feed_batch,
    feed_attempt,
    feed_reject
);
diesel::allow_tables_to_appear_in_same_query!(document, document_void);
diesel::allow_tables_to_appear_in_same_query!(deadline, deadline_event);
