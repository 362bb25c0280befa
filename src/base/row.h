/*
 * Rows of tables: `ROW(.name = "x", .type = FIELD_TEXT, …)` is a designated initialiser that clang-format fills lines with, where it
 * puts every member of a bare one on a line of its own. So a table's rows fit a screen.
 */
#ifndef BASE_ROW_H
#define BASE_ROW_H

#define ROW(...)                                                                                             \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

#endif
