/*
 * Every suite of unit tests; main.c runs them in this order.
 */
#ifndef UNIT_SUITES_H
#define UNIT_SUITES_H

#include <check.h>

Suite *edit_local_servers_suite(void);
Suite *edit_pull_suite(void);
Suite *edit_pull_gone_suite(void);

Suite *archive_backup_suite(void);
Suite *archive_rewrite_suite(void);
Suite *archive_s2_suite(void);

Suite *base_arena_suite(void);
Suite *base_conceal_suite(void);
Suite *base_diag_suite(void);
Suite *base_files_suite(void);
Suite *base_instant_suite(void);
Suite *base_library_suite(void);
Suite *base_map_suite(void);
Suite *base_number_suite(void);
Suite *base_source_suite(void);
Suite *base_strbuf_suite(void);
Suite *base_suggest_suite(void);
Suite *base_utf8_suite(void);
Suite *generate_certificates_suite(void);
Suite *devenv_up_suite(void);
Suite *generate_environment_suite(void);

Suite *devenv_binary_suite(void);

Suite *kind_bucket_suite(void);
Suite *field_check_suite(void);
Suite *field_decode_suite(void);
Suite *field_encode_suite(void);
Suite *manifest_manifest_suite(void);
Suite *field_normalise_suite(void);
Suite *manifest_overlay_suite(void);
Suite *manifest_servers_suite(void);
Suite *field_subject_suite(void);
Suite *kind_table_suite(void);
Suite *field_units_suite(void);
Suite *field_value_suite(void);
Suite *field_version_suite(void);
Suite *field_version_range_suite(void);
Suite *rules_lint_suite(void);

Suite *plan_compare_suite(void);
Suite *plan_drift_suite(void);
Suite *plan_order_suite(void);
Suite *plan_planner_suite(void);
Suite *plan_risk_suite(void);
Suite *plan_saved_suite(void);
Suite *plan_prune_suite(void);

Suite *repo_revspec_suite(void);

Suite *rules_account_suite(void);
Suite *rules_subject_index_suite(void);

Suite *server_batch_suite(void);
Suite *server_connection_suite(void);
Suite *server_secret_suite(void);
Suite *server_url_suite(void);

Suite *syntax_conf_read_suite(void);
Suite *syntax_conf_write_suite(void);
Suite *syntax_json_suite(void);
Suite *syntax_node_suite(void);
Suite *syntax_vars_suite(void);
Suite *view_review_suite(void);
Suite *syntax_write_suite(void);
Suite *syntax_yaml_suite(void);

Suite *view_plan_suite(void);

#endif
