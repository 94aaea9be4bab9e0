#include "output/live_command.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "measure/run_view.h"

#define MEMBERS "users, rate, pause, resume, stop or mark"

/* Reads the value of a member. Returns NULL, or what it has to be. */
typedef const char *read_fn(const json_t *value, struct live_command *command);

static const char *read_users(const json_t *value, struct live_command *command)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return "a whole number from 0 on";
    command->users = (uint64_t)json_integer_value(value);
    return NULL;
}

static const char *read_rate(const json_t *value, struct live_command *command)
{
    command->rate_per_s = json_number_value(value);
    if (!json_is_number(value) || !isfinite(command->rate_per_s) ||
        command->rate_per_s < 0)
        return "a number of arrivals a second, from 0 on";
    return NULL;
}

static const char *read_order(const json_t *value, struct live_command *command)
{
    (void)command;
    return json_is_true(value) ? NULL : "true";
}

static const char *read_mark(const json_t *value, struct live_command *command)
{
    const char *text = json_string_value(value);

    if (!text || text[strspn(text, " \t\r\n")] == '\0' ||
        strlen(text) >= sizeof(command->text))
        return "a text of 1 to 199 bytes";
    memcpy(command->text, text, strlen(text) + 1);
    return NULL;
}

static const struct member {
    const char *name;
    enum live_command_kind kind;
    read_fn *read;
} members[] = {
    {"users", LIVE_USERS, read_users}, {"rate", LIVE_RATE, read_rate},
    {"pause", LIVE_PAUSE, read_order}, {"resume", LIVE_RESUME, read_order},
    {"stop", LIVE_STOP, read_order},   {"mark", LIVE_MARK, read_mark},
};

static int refuse(char *reterr_sentence, const char *sentence)
{
    (void)snprintf(reterr_sentence, LIVE_SENTENCE_BYTES, "%s", sentence);
    return -EINVAL;
}

/* Of an object with one member. */
static int read_member(json_t *object, struct live_command *command,
                       char *reterr_sentence)
{
    void *first = json_object_iter(object);
    const char *name = json_object_iter_key(first);
    const char *wanted;

    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (strcmp(members[i].name, name) != 0)
            continue;
        command->kind = members[i].kind;
        wanted = members[i].read(json_object_iter_value(first), command);
        if (!wanted)
            return 0;
        (void)snprintf(reterr_sentence, LIVE_SENTENCE_BYTES, "%s has to be %s.", name,
                       wanted);
        return -EINVAL;
    }
    return refuse(reterr_sentence, "There is no such command: send one of " MEMBERS ".");
}

int live_command_read(const char *body, size_t len, struct live_command *ret_command,
                      char reterr_sentence[static LIVE_SENTENCE_BYTES])
{
    struct live_command command = {0};
    json_t *object = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
    int r;

    if (json_object_size(object) == 1)
        r = read_member(object, &command, reterr_sentence);
    else
        r = refuse(reterr_sentence, "Send a JSON object with one member: " MEMBERS ".");
    json_decref(object);
    if (r == 0)
        *ret_command = command;
    return r;
}

static int ask(const struct live_command *command, const struct run_control *control)
{
    switch (command->kind) {
    case LIVE_USERS:
        return control->set_users(control->ctx, command->users);
    case LIVE_RATE:
        return control->set_rate(control->ctx, command->rate_per_s);
    case LIVE_PAUSE:
        return control->pause(control->ctx);
    case LIVE_RESUME:
        return control->resume(control->ctx);
    case LIVE_STOP:
        return control->stop(control->ctx, STOP_BY_HAND);
    case LIVE_MARK:
        return control->mark(control->ctx, command->text);
    }
    return -EINVAL;
}

/* Why it makes no sense now. */
static const char *objection(enum live_command_kind kind)
{
    switch (kind) {
    case LIVE_USERS:
        return "The run is about to end: nobody is added or sent away any more.";
    case LIVE_RATE:
        return "There is no rate to set: the load is users, or a trace says when "
               "requests "
               "come, or the run is about to end.";
    case LIVE_PAUSE:
        return "The run is paused already, or about to end.";
    case LIVE_RESUME:
        return "The run is not paused.";
    case LIVE_STOP:
        return "The run is about to end already.";
    case LIVE_MARK:
        break;
    }
    return "The run takes no notes now.";
}

int live_command_run(const struct live_command *command,
                     const struct run_control *control,
                     char reterr_sentence[static LIVE_SENTENCE_BYTES])
{
    const int r = ask(command, control);
    const char *sentence = NULL;

    switch (r) {
    case 0:
        return 0;
    case -EPERM:
        sentence = "A search for capacity makes its own load: it can be stopped, but not "
                   "changed.";
        break;
    case -ERANGE:
        sentence = command->kind == LIVE_RATE
                       ? "More than a million arrivals a second are not made."
                       : "This machine cannot have so many users: each may take a file "
                         "descriptor (ulimit -Hn).";
        break;
    case -ENOSPC:
        sentence = "No more can be noted of this run, and what is not noted is not done; "
                   "it can still be resumed and stopped.";
        break;
    case -ENOMEM:
        sentence = "throng is out of memory.";
        break;
    default:
        sentence = objection(command->kind);
        break;
    }
    (void)refuse(reterr_sentence, sentence);
    return r;
}
