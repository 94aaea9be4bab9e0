#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "result/verdict.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)

static const struct command *const commands[] = {
    &command_run,        &command_capacity, &command_check,     &command_convert,
    &command_schema,     &command_simulate, &command_questions, &command_samples,
    &command_report,     &command_record,   &command_merge,     &command_compare,
    &command_history,    &command_recover,  &command_cleanup,   &command_man,
    &command_completion, &command_version,
};

const struct command *command_at(size_t index)
{
    return index < sizeof(commands) / sizeof(commands[0]) ? commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; command_at(i); i++)
        if (strcmp(command_at(i)->name, name) == 0)
            return command_at(i);
    return NULL;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int command_begin(const struct command *command, int argc, char **argv, void *into,
                  struct option_list *arguments)
{
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);
    int code = -1;

    if (asks_for_help(argc, argv)) {
        option_help(command, &text);
        (void)fputs(buf_str(&text), stdout);
        code = EXIT_PASSED;
    } else if (option_parse(command, argc, argv, into, arguments, &text) < 0) {
        fprintf(stderr, "throng %s: %s\n", command->name, buf_str(&text));
        code = EXIT_COMMAND_LINE;
    }
    buf_deinit(&text);
    return code;
}
