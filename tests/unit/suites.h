/*
 * Every suite of unit tests; main.c runs them in this order.
 */
#ifndef UNIT_SUITES_H
#define UNIT_SUITES_H

#include <check.h>

Suite *base_arena_suite(void);
Suite *base_diag_suite(void);
Suite *base_instant_suite(void);
Suite *base_map_suite(void);
Suite *base_number_suite(void);
Suite *base_source_suite(void);
Suite *base_strbuf_suite(void);
Suite *base_suggest_suite(void);
Suite *base_utf8_suite(void);

Suite *server_connection_suite(void);
Suite *server_secret_suite(void);
Suite *server_url_suite(void);

Suite *syntax_json_suite(void);
Suite *syntax_node_suite(void);
Suite *syntax_vars_suite(void);
Suite *syntax_write_suite(void);
Suite *syntax_yaml_suite(void);

#endif
