#include "rig.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/quantity.h"

int rig_set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    signal(SIGPIPE, SIG_IGN);
    assert_non_null(rig);
    rig->error = BUF_INIT(4096);
    for (int i = 0; i < RIG_WIRES; i++)
        rig->wires[i].fd = -1;
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    assert_int_equal(simulator_options_init(&rig->options), 0);
    rig_set(rig, "ttft", "1ms");
    rig_set(rig, "gap", "1ms");
    rig_set(rig, "tokens", "3");
    *state = rig;
    return 0;
}

int rig_tear_down(void **state)
{
    struct rig *rig = *state;

    for (int i = 0; i < RIG_WIRES; i++) {
        if (rig->wires[i].fd >= 0)
            wire_close(&rig->wires[i], false);
    }
    if (rig->simulator && !rig->is_stopped)
        rig_stop(rig);
    simulator_free(rig->simulator);
    simulator_options_deinit(&rig->options);
    buf_deinit(&rig->error);
    uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    if (rig->truth_path[0] != '\0')
        unlink(rig->truth_path);
    free(rig);
    return 0;
}

void rig_set(struct rig *rig, const char *key, const char *value)
{
    if (simulator_options_set(&rig->options, key, value, &rig->error) < 0)
        fail_msg("%s", buf_str(&rig->error));
}

void rig_keep_truth(struct rig *rig)
{
    int fd;

    (void)snprintf(rig->truth_path, sizeof(rig->truth_path), "/tmp/truth-XXXXXX");
    fd = mkstemp(rig->truth_path);
    assert_true(fd >= 0);
    close(fd);
    rig_set(rig, "ground_truth", rig->truth_path);
}

void rig_start(struct rig *rig)
{
    char url[64];
    uint64_t port = 0;

    if (simulator_new(&rig->loop, &rig->options, &rig->error, &rig->simulator) < 0)
        fail_msg("%s", buf_str(&rig->error));
    simulator_url(rig->simulator, url);
    assert_int_equal(quantity_parse_count(strrchr(url, ':') + 1, &port), 0);
    rig->port = (uint16_t)port;
    for (int i = 0; i < RIG_WIRES; i++)
        wire_open(&rig->wires[i], &rig->loop, rig->port);
}

static void note_stopped(void *ctx)
{
    ((struct rig *)ctx)->is_stopped = true;
}

void rig_stop(struct rig *rig)
{
    simulator_stop(rig->simulator, 0, note_stopped, rig);
    uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_true(rig->is_stopped);
}

void rig_post(struct rig *rig, unsigned wire, const char *path, const char *headers,
              const char *json)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(64 * 1024);

    buf_printf(&text,
               "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s"
               "Content-Length: %zu\r\n\r\n%s",
               path, headers, strlen(json), json);
    assert_int_equal(buf_error(&text), 0);
    wire_send_text(&rig->wires[wire], buf_str(&text));
}

void rig_chat(struct rig *rig, unsigned wire, const char *more)
{
    CLEANUP(buf_deinit) struct buf json = BUF_INIT(16 * 1024);

    buf_printf(&json,
               "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":"
               "\"What is a bee?\"}]%s}",
               more);
    rig_post(rig, wire, "/v1/chat/completions", "", buf_str(&json));
}
