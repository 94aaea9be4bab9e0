#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "result/verdict.h"

#define MAX_SCRIPT_BYTES ((size_t)256 * 1024)

/* "a|b|c" as "a b c". */
static void put_choices(struct buf *out, const char *choices)
{
    for (; *choices; choices++)
        buf_append_char(out, *choices == '|' ? ' ' : *choices);
}

/* Options are spelt with dashes, whatever their table has. */
static void put_name(struct buf *out, const char *name)
{
    buf_append_str(out, "--");
    for (; *name; name++)
        buf_append_char(out, *name == '_' ? '-' : *name);
}

static bool is_path(const struct option *option)
{
    return strstr(option->value, "FILE") || strstr(option->value, "DIR") ||
           strstr(option->value, "PATH");
}

/* What may follow an option that wants a value: its choices, a path, or nothing that is known. */
static void put_value(struct buf *out, const struct option *option)
{
    if (!option->value)
        return;
    buf_append_str(out, "        ");
    put_name(out, option->name);
    if (option->alias) {
        buf_append_char(out, '|');
        put_name(out, option->alias);
    }
    if (option->letter)
        buf_printf(out, "|-%c", option->letter);
    buf_append_str(out, ")\n            COMPREPLY=(");
    if (option->choices) {
        buf_append_str(out, "$(compgen -W '");
        put_choices(out, option->choices);
        buf_append_str(out, "' -- \"$cur\")");
    } else if (is_path(option)) {
        buf_append_str(out, "$(compgen -f -- \"$cur\")");
    }
    buf_append_str(out, ")\n            return ;;\n");
}

static void put_command(struct buf *out, const struct command *command)
{
    /* What is to be typed as it stands is written small: "scenario|summary". */
    const bool has_words = islower((unsigned char)command->arguments[0]);
    struct option_set set;

    option_gather(command, &set);
    buf_printf(out, "    %s)\n        case $prev in\n", command->name);
    for (size_t i = 0; i < set.count; i++)
        put_value(out, &set.rows[i]);
    buf_append_str(out, "        esac\n        options='--help");
    for (size_t i = 0; i < set.count; i++) {
        buf_append_char(out, ' ');
        put_name(out, set.rows[i].name);
    }
    buf_append_str(out, "'\n        words='");
    if (has_words)
        put_choices(out, command->arguments);
    buf_printf(out, "'\n        files=%s ;;\n",
               *command->arguments && !has_words ? "yes" : "");
}

static void put_script(struct buf *out)
{
    buf_append_str(out,
                   "# Completion of throng for bash, as `throng completion bash` prints "
                   "it.\n_throng() {\n"
                   "    local cur=${COMP_WORDS[COMP_CWORD]} prev='' options='' words='' "
                   "files=''\n"
                   "    COMPREPLY=()\n"
                   "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                   "        COMPREPLY=($(compgen -W '--help --version");
    for (size_t i = 0; command_at(i); i++)
        buf_printf(out, " %s", command_at(i)->name);
    buf_append_str(out, "' -- \"$cur\"))\n        return\n    fi\n"
                        "    prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                        "    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; command_at(i); i++)
        put_command(out, command_at(i));
    buf_append_str(out, "    esac\n"
                        "    case $cur in\n"
                        "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n"
                        "    *) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")\n"
                        "        ${files:+$(compgen -f -- \"$cur\")}) ;;\n"
                        "    esac\n}\ncomplete -o filenames -F _throng throng\n");
}

static int run(const struct command *command, int argc, char **argv)
{
    struct buf script = BUF_INIT(MAX_SCRIPT_BYTES);
    struct option_list words = {0};
    int code = command_begin(command, argc, argv, NULL, &words);
    const bool known = code < 0 && strcmp(words.values[0], "bash") == 0;

    if (code < 0 && !known) {
        fprintf(stderr,
                "throng completion: '%s' is no shell that is known: there is bash\n",
                words.values[0]);
        code = EXIT_COMMAND_LINE;
    }
    if (known) {
        put_script(&script);
        code = buf_error(&script) < 0 ? EXIT_INTERNAL : EXIT_PASSED;
        (void)fputs(buf_str(&script), stdout);
    }
    option_list_deinit(&words);
    buf_deinit(&script);
    return code;
}

const struct command command_completion = {
    .name = "completion",
    .arguments = "bash",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "print completion for a shell: source <(throng completion bash)",
    .details =
        "Made from the tables that parse the command line; installed with the program.",
    .run = run,
};
