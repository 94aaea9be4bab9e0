/* throng: the program. Finds the command and lets it run. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "cli/command.h"
#include "cli/crash.h"
#include "result/verdict.h"

#define MAX_HELP_BYTES ((size_t)16 * 1024)

static int print_help(FILE *out)
{
    struct buf text = BUF_INIT(MAX_HELP_BYTES);

    buf_append_str(&text, "throng — a load generator for LLM platforms\n\n"
                          "Usage: throng COMMAND [OPTION]… [ARGUMENT]…\n\nCommands:\n");
    for (size_t i = 0; command_at(i); i++)
        buf_printf(&text, "  %-11s %s\n", command_at(i)->name, command_at(i)->summary);
    buf_append_str(&text, "\n`throng COMMAND --help` tells of its options;\n`throng run "
                          "scenarios/quickstart.yaml` is a good start.\n");
    (void)fputs(buf_str(&text), out);
    buf_deinit(&text);
    return out == stdout ? EXIT_PASSED : EXIT_COMMAND_LINE;
}

/*
 * A core file would hold keys and conversations: there is none. With a limit of 0 Linux would still hand it
 * to a program that core_pattern names; of a limit of 1 it makes nothing at all (core(5); fs/coredump.c).
 */
static void forbid_core_files(void)
{
    const struct rlimit none = {1, 1};

    setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
    /* A reader that went away, or a file at its limit, fails a write() and kills no one. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    forbid_core_files();
    crash_prepare();
    if (argc < 2)
        return print_help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return print_help(stdout);
    if (strcmp(argv[1], "--version") == 0)
        return command_version.run(&command_version, 0, NULL);
    const struct command *command = command_find(argv[1]);

    if (!command) {
        fprintf(stderr, "throng: '%s' is no command; see `throng --help`\n", argv[1]);
        return EXIT_COMMAND_LINE;
    }
    return command->run(command, argc - 2, argv + 2);
}
