#include "record/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/quantity.h"
#include "cli/command.h"
#include "cli/descriptors.h"
#include "cli/recording_end.h"
#include "cli/stop_signals.h"
#include "result/verdict.h"

#define LOG_MODULE "record"

#define MAX_ERROR_BYTES 2048

struct record_words {
    const char *upstream;
    const char *listen;
    const char *out;
    const char *scenario;
    bool insecure;
    const char *ca_file;
    const char *max_body;
    uint64_t max_entries;
    const char *duration;
    const char *drain;
    struct option_list redact;
    struct option_list header_keep;
};

/* The program while it records. */
struct recording_service {
    uv_loop_t loop;
    struct stop_signals signals;
    uv_timer_t timer; /* ends it, where it was told for how long */
    struct record *record;
    uint64_t drain_ms;
    bool is_stopping;
};

static const struct option options[] = {
    {.name = "upstream",
     .kind = OPTION_TEXT,
     .value = "URL",
     .offset = offsetof(struct record_words, upstream),
     .help = "Whom requests are passed on to, such as https://api.openai.com. Needed."},
    {.name = "listen",
     .kind = OPTION_TEXT,
     .value = "ADDRESS:PORT",
     .fallback = "127.0.0.1:0",
     .offset = offsetof(struct record_words, listen),
     .help = "Where clients find it; port 0 takes a free one."},
    {.name = "out",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .fallback = "trace.jsonl",
     .offset = offsetof(struct record_words, out),
     .help = "The trace, which must not be there yet. Only its owner can read it."},
    {.name = "scenario",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = offsetof(struct record_words, scenario),
     .help = "Also writes a scenario that replays the trace, once it is whole."},
    {.name = "for",
     .kind = OPTION_TEXT,
     .value = "DURATION",
     .offset = offsetof(struct record_words, duration),
     .help = "Ends by itself after this time."},
    {.name = "max-entries",
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = offsetof(struct record_words, max_entries),
     .help = "Writes down so many requests at most; those beyond are passed on all the "
             "same."},
    {.name = "max-body",
     .kind = OPTION_TEXT,
     .value = "SIZE",
     .fallback = "64MiB",
     .offset = offsetof(struct record_words, max_body),
     .help = "The largest body of a request; a larger one is answered 413."},
    {.name = "drain",
     .kind = OPTION_TEXT,
     .value = "DURATION",
     .fallback = "30s",
     .offset = offsetof(struct record_words, drain),
     .help = "For how long running requests may end once it is asked to stop; a second "
             "signal ends them at once."},
    {.name = "redact",
     .kind = OPTION_LIST,
     .value = "NAME",
     .offset = offsetof(struct record_words, redact),
     .help = "Also takes out what stands under this name: a header, a parameter of a "
             "query or form, a member of a JSON body with all that it holds."},
    {.name = "header-keep",
     .kind = OPTION_LIST,
     .value = "NAME",
     .offset = offsetof(struct record_words, header_keep),
     .help = "Keeps a header that is left out since its name sounds like a secret's."},
    {.name = "insecure",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct record_words, insecure),
     .help = "Does not verify the upstream's certificate."},
    {.name = "ca-file",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = offsetof(struct record_words, ca_file),
     .help = "Certificates to verify the upstream's with, in place of the system's."},
};

/* Says what is wrong with the command line. Returns the exit code. */
__attribute__((format(printf, 1, 2))) static int refuse(const char *format, ...)
{
    va_list arguments;

    (void)fputs("throng record: ", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    return EXIT_COMMAND_LINE;
}

static int read_duration(const char *name, const char *text, uint64_t *ret_ns)
{
    if (!text || quantity_parse_duration(text, ret_ns) == 0)
        return -1;
    return refuse("--%s: '%s' is no duration; write one such as 30s or 5m", name, text);
}

static void on_trouble(void *ctx, int error)
{
    (void)ctx;
    log_warn("cannot write to the trace: %s; requests are passed on, and those of this "
             "time are missing in it",
             strerror(-error));
}

/* Returns -1 to go on, else the exit code. */
static int read_words(const struct record_words *words, struct record_options *into,
                      struct recording_service *service, uint64_t *ret_duration_ns)
{
    uint64_t drain_ns = 0;
    int code;

    if (!words->upstream)
        return refuse("say whom to pass requests on to: --upstream "
                      "https://api.openai.com");
    *into =
        (struct record_options){.upstream = words->upstream,
                                .listen = words->listen ? words->listen : "127.0.0.1:0",
                                .path = words->out ? words->out : "trace.jsonl",
                                .insecure = words->insecure,
                                .ca_file = words->ca_file,
                                .max_entries = words->max_entries,
                                .redacted_names = words->redact.values,
                                .redacted_count = words->redact.count,
                                .kept_headers = words->header_keep.values,
                                .kept_count = words->header_keep.count,
                                .trouble = on_trouble};
    if (quantity_parse_size(words->max_body ? words->max_body : "64MiB",
                            &into->max_body_bytes) < 0 ||
        into->max_body_bytes == 0)
        return refuse("--max-body: '%s' is no size; write one such as 64MiB",
                      words->max_body);
    if (words->ca_file && access(words->ca_file, R_OK) < 0)
        return refuse("--ca-file: cannot read '%s': %s", words->ca_file, strerror(errno));
    if (words->scenario && access(words->scenario, F_OK) == 0)
        return refuse("--scenario: '%s' is there already: move it away, or name another "
                      "file",
                      words->scenario);
    code = read_duration("for", words->duration, ret_duration_ns);
    if (code < 0)
        code = read_duration("drain", words->drain ? words->drain : "30s", &drain_ns);
    service->drain_ms = drain_ns / NS_PER_MS;
    return code;
}

static void on_stopped(void *ctx)
{
    struct recording_service *service = ctx;

    stop_signals_close(&service->signals);
    uv_close((uv_handle_t *)&service->timer, NULL);
}

/* The first time running requests may end, and the second they may not. */
static void stop(void *ctx)
{
    struct recording_service *service = ctx;

    if (!service->is_stopping)
        (void)uv_timer_stop(&service->timer);
    record_stop(service->record, service->is_stopping ? 0 : service->drain_ms, on_stopped,
                service);
    service->is_stopping = true;
}

static void on_timer(uv_timer_t *timer)
{
    struct recording_service *service = timer->data;

    if (!service->is_stopping)
        stop(service);
}

static void announce(const struct recording_service *service,
                     const struct record_options *wanted)
{
    char url[64];

    record_url(service->record, url);
    printf("throng record listens on %s and passes requests on to %s%s\n"
           "  for clients of OpenAI's API:     export OPENAI_BASE_URL=%s/v1\n"
           "  for clients of Anthropic's API:  export ANTHROPIC_BASE_URL=%s\n"
           "  requests are written to %s, without their credentials; end with Ctrl-C\n",
           url, record_upstream(service->record),
           wanted->insecure ? ", whose certificate is not verified" : "", url, url,
           wanted->path);
    (void)fflush(stdout);
}

static int exit_code_of(enum record_step step)
{
    switch (step) {
    case RECORD_STEP_OPTIONS:
        return EXIT_COMMAND_LINE;
    case RECORD_STEP_LISTEN:
        return EXIT_LISTEN;
    case RECORD_STEP_FILE:
        return EXIT_NOT_SAVED;
    }
    return EXIT_INTERNAL;
}

static int begin(struct recording_service *service, const struct record_options *wanted)
{
    struct buf error = BUF_INIT(MAX_ERROR_BYTES);
    enum record_step step = RECORD_STEP_OPTIONS;
    const int r = record_new(&service->loop, wanted, &error, &step, &service->record);

    if (r < 0)
        (void)refuse("%s", error.len > 0 ? buf_str(&error) : strerror(-r));
    buf_deinit(&error);
    return r < 0 ? exit_code_of(step) : -1;
}

static int serve(struct recording_service *service, const struct record_options *wanted,
                 uint64_t duration_ns, const char *scenario)
{
    int code = uv_loop_init(&service->loop) < 0 ? EXIT_INTERNAL : -1;

    if (code >= 0)
        return code;
    code = begin(service, wanted);
    if (code < 0) {
        uv_timer_init(&service->loop, &service->timer);
        service->timer.data = service;
        if (duration_ns > 0)
            uv_timer_start(&service->timer, on_timer, duration_ns / NS_PER_MS, 0);
        stop_signals_init(&service->signals, &service->loop, stop, stop, service);
        announce(service, wanted);
    }
    uv_run(&service->loop, UV_RUN_DEFAULT);
    if (code < 0)
        code = recording_end(service->record, wanted->path, scenario);
    record_free(service->record);
    uv_loop_close(&service->loop);
    return code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct record_words words = {0};
    struct record_options wanted;
    struct recording_service service = {0};
    struct option_list none = {0};
    uint64_t duration_ns = 0;
    int code = command_begin(command, argc, argv, &words, &none);

    option_list_deinit(&none);
    if (code < 0)
        code = read_words(&words, &wanted, &service, &duration_ns);
    if (code < 0) {
        descriptors_raise();
        code = serve(&service, &wanted, duration_ns, words.scenario);
    }
    option_list_deinit(&words.redact);
    option_list_deinit(&words.header_keep);
    return code;
}

const struct command command_record = {
    .name = "record",
    .arguments = "",
    .summary = "record real traffic for a replay",
    .details =
        "A proxy in front of an LLM platform. Clients talk to it as to the platform: "
        "requests and answers are passed on as they are, streams piece by piece. "
        "Each request goes into a trace with its time and how its answer came, "
        "without credentials, and a phase 'replay' sends them again. It ends with "
        "SIGINT or SIGTERM, when running requests have ended.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
