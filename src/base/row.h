/*
 * Rows of tables: `ROW(.name = "x", .type = FIELD_TEXT, …)` is a designated initialiser. clang-format puts every member
 * of a plain initialiser on a line of its own, but fills lines with the arguments of a macro. So twenty-five rows fit a
 * screen.
 */
#ifndef BASE_ROW_H
#define BASE_ROW_H

#define ROW(...)                                                                                             \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

#endif
