#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/quantity.h"
#include "output/terminal.h"
#include "output/terminal_size.h"

#define MIN_COLUMNS 40
#define MAX_COLUMNS 1000
#define DEFAULT_COLUMNS 100 /* where it is no terminal: a file, a pipe, a log */

struct terminal_size terminal_size_of(int fd)
{
    struct winsize size = {0};

    if (ioctl(fd, TIOCGWINSZ, &size) < 0)
        return (struct terminal_size){0};
    return (struct terminal_size){.columns = size.ws_col, .rows = size.ws_row};
}

/* A variable's text, "" where it is not set. */
static const char *variable(const char *name)
{
    const char *text = getenv(name);

    return text ? text : "";
}

/* COLUMNS, as shells and continuous integration set it; 0 without it. */
static int columns_of_environment(void)
{
    uint64_t columns = 0;

    if (quantity_parse_count(variable("COLUMNS"), &columns) < 0 || columns > MAX_COLUMNS)
        return 0;
    return (int)columns;
}

struct terminal_style terminal_style_of(int fd)
{
    const char *term = variable("TERM");
    const bool smart = isatty(fd) && term[0] != '\0' && strcmp(term, "dumb") != 0;
    const int told = isatty(fd) ? terminal_size_of(fd).columns : columns_of_environment();
    const int columns = told > 0 && told < MIN_COLUMNS ? MIN_COLUMNS : told;

    return (struct terminal_style){
        .colour = smart && variable("NO_COLOR")[0] == '\0',
        .live = smart,
        .columns = columns > 0 ? columns : DEFAULT_COLUMNS,
    };
}
