#include "cli/listening.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/run_options.h"
#include "output/listener.h"
#include "output/live.h"
#include "plan/plan.h"
#include "result/verdict.h"

#define LOG_MODULE "outputs"

#define FREE_ADDRESS "127.0.0.1:0"

/* Where Locust's page is too: people look for it there. */
static const char usual_address[] = "127.0.0.1:8089";

/* What is listened for at an address. */
struct wish {
    const char *option; /* that asked for it: "--listen" */
    const char *text;   /* the address, as it was written */
    struct sockaddr_storage address;
    bool has_page;
    bool asks_token;
};

/* Those of one run. */
struct opening {
    struct listening *listening;
    uv_loop_t *loop;
    const struct run_options *options;
    const struct exposition_options *exposition;
    struct verdicts *verdicts;
};

static void refuse(const struct wish *wish, int r, struct verdicts *verdicts)
{
    if (r == -EINVAL)
        verdicts_add(verdicts, EXIT_LISTEN,
                     "%s: '%.100s' is no address to listen on: write one such as "
                     "127.0.0.1:9464, or :0 for a free port.",
                     wish->option, wish->text);
    else
        verdicts_add(verdicts, EXIT_LISTEN,
                     "%s: cannot listen on %.100s: %s: choose another port, or :0 for a "
                     "free one.",
                     wish->option, wish->text, uv_strerror(r));
}

static int make_page(const struct opening *opening, const struct wish *wish,
                     struct live **ret_live)
{
    const struct live_options options = {
        .run_id = opening->exposition->test_run,
        .version = opening->exposition->version,
        .token = opening->options->ui_token,
        .address = &wish->address,
    };

    return live_new(&options, ret_live);
}

/* Returns 0; or -errno, and nothing listens. */
static int listen_at(const struct opening *opening, const struct wish *wish)
{
    struct listening *listening = opening->listening;
    struct listener_options options = {
        .address = &wish->address,
        .exposition = *opening->exposition,
        .debug_memory = opening->options->debug_memory,
        .asks_token = wish->asks_token,
    };
    struct listener **place = &listening->listeners[listening->listeners[0] != NULL];
    int r = wish->has_page ? make_page(opening, wish, &options.live) : 0;

    if (r == 0)
        r = listener_new(opening->loop, &options, place);
    if (r < 0)
        return r;
    assert(listening->probe_count + 2 <= LISTENING_PROBES);
    listening->probes[listening->probe_count++] = listener_probe(*place);
    if (options.live) {
        listening->live = options.live;
        listening->probes[listening->probe_count++] = live_probe(options.live);
    }
    return 0;
}

static bool is_everywhere(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

    return address->ss_family == AF_INET ? v4->sin_addr.s_addr == INADDR_ANY
                                         : IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

/* A token that was made is shown here and nowhere else, behind a '#', which browsers send to nobody. */
static void print_page(const struct opening *opening, const struct wish *wish,
                       const struct listener *listener)
{
    const char *token = live_made_token(opening->listening->live);
    char url[64];

    listener_url(listener, url);
    log_info("the live page is at %s", url);
    if (opening->options->quiet)
        return;
    if (token)
        printf("Live page: %s/#token=%s\n", url, token);
    else
        printf("Live page: %s/#token=… (the token is the one that you gave)\n", url);
    if (is_everywhere(&wish->address))
        printf("           with the name of this machine in place of 127.0.0.1 from "
               "elsewhere\n");
    (void)fflush(stdout);
}

static void print_metrics(const struct opening *opening, const struct listener *listener)
{
    char url[64];

    listener_url(listener, url);
    log_info("/metrics, /healthz and /readyz are at %s", url);
    if (opening->options->quiet)
        return;
    printf("Serving /metrics, /healthz and /readyz at %s\n", url);
    (void)fflush(stdout);
}

/* Whether both name the same place, which is not "any free port". */
static bool are_one(const struct wish *a, const struct wish *b)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)&a->address;

    /* The port stands at the same place in both families. */
    return v4->sin_port != 0 && memcmp(&a->address, &b->address, sizeof(a->address)) == 0;
}

static void open_metrics(const struct opening *opening, const struct wish *wish)
{
    const int r = listen_at(opening, wish);

    if (r < 0)
        refuse(wish, r, opening->verdicts);
    else
        print_metrics(opening, opening->listening->listeners[0]);
}

/* The usual port may be another run's: then any will do, where nobody asked for that one. */
static void open_page(const struct opening *opening, struct wish *wish, bool is_asked_for)
{
    struct listening *listening = opening->listening;
    const bool is_second = listening->listeners[0] != NULL;
    int r = listen_at(opening, wish);

    if (r == -EADDRINUSE && !is_asked_for) {
        wish->text = FREE_ADDRESS;
        (void)listener_address(FREE_ADDRESS, &wish->address);
        r = listen_at(opening, wish);
    }
    if (r < 0)
        refuse(wish, r, opening->verdicts);
    else
        print_page(opening, wish, listening->listeners[is_second]);
}

static const char *page_address(const struct opening *opening)
{
    const char *planned = opening->exposition->plan->outputs.ui_listen;

    if (opening->options->ui_listen)
        return opening->options->ui_listen;
    if (planned)
        return planned;
    return opening->options->ui ? usual_address : NULL;
}

/* Returns whether the address is one. */
static bool read_address(struct wish *wish, struct verdicts *verdicts)
{
    const int r = listener_address(wish->text, &wish->address);

    if (r < 0)
        refuse(wish, r, verdicts);
    return r == 0;
}

static bool is_token_fit(const struct opening *opening)
{
    const char *token = opening->options->ui_token;

    if (!token || live_token_is_fit(token))
        return true;
    verdicts_add(opening->verdicts, EXIT_COMMAND_LINE,
                 "--ui-token: a token has 16 to 128 letters, digits, dots, dashes and "
                 "underscores.");
    return false;
}

void listening_open(struct listening *listening, uv_loop_t *loop,
                    const struct run_options *options,
                    const struct exposition_options *exposition,
                    struct verdicts *verdicts)
{
    const struct opening opening = {listening, loop, options, exposition, verdicts};
    struct wish metrics = {.option = "--listen", .text = options->listen};
    struct wish page = {.option = options->ui_listen ? "--ui-listen" : "outputs.ui",
                        .text = page_address(&opening),
                        .has_page = true,
                        .asks_token = true};

    if ((metrics.text && !read_address(&metrics, verdicts)) ||
        (page.text && (!read_address(&page, verdicts) || !is_token_fit(&opening))))
        return;
    if (metrics.text && page.text && are_one(&metrics, &page)) {
        page.asks_token = false; /* figures were asked for without one */
        metrics.text = NULL;
    }
    if (metrics.text)
        open_metrics(&opening, &metrics);
    if (page.text && verdicts->count == 0)
        open_page(&opening, &page, page.text != usual_address);
    if (!page.asks_token && listening->listeners[0])
        print_metrics(&opening, listening->listeners[0]);
}

void listening_set_pushes(struct listening *listening, const struct push_counts *pushes)
{
    for (size_t i = 0; i < 2; i++)
        if (listening->listeners[i])
            listener_set_pushes(listening->listeners[i], pushes);
}

void listening_describe(struct listening *listening, const char *results, bool is_search)
{
    if (listening->live)
        live_describe(listening->live, results, is_search);
}

void listening_close(struct listening *listening)
{
    for (size_t i = 0; i < 2; i++)
        listening->listeners[i] = listener_close(listening->listeners[i]);
    listening->live = NULL;
}
