/* What is wrong with an archive; see scan.h. */
#include "archive/scan.h"

#include <stdarg.h>

int scan_fault(struct scan *scan, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!scan->fault)
        scan->fault = arena_vprintf(scan->arena, format, args);
    va_end(args);
    return -1;
}
