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

void rig_call(struct rig *rig, const char *method, const char *path, const char *headers,
              const char *json, struct rig_answer *ret_answer)
{
    struct wire *wire = &rig->wires[0];
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(256 * 1024);
    const char *length;
    uint64_t expected = 0;
    size_t head_len;

    buf_printf(&text, "%s %s HTTP/1.1\r\nHost: x\r\n%s", method, path, headers);
    if (json)
        buf_printf(&text, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                   strlen(json));
    buf_printf(&text, "\r\n%s", json ? json : "");
    assert_int_equal(buf_error(&text), 0);
    wire_forget(wire);
    wire_send_text(wire, buf_str(&text));
    wire_await(wire, "\r\n\r\n", 1);
    head_len = (size_t)(strstr(wire->bytes, "\r\n\r\n") - wire->bytes) + 2;
    assert_true(head_len < sizeof(ret_answer->head));
    memcpy(ret_answer->head, wire->bytes, head_len);
    ret_answer->head[head_len] = '\0';
    ret_answer->status = (int)strtol(ret_answer->head + strlen("HTTP/1.1 "), NULL, 10);
    length = strstr(ret_answer->head, "content-length: ");
    if (length)
        expected = strtoull(length + strlen("content-length: "), NULL, 10);
    while (wire->len < head_len + 2 + expected)
        wire_turn(wire);
    ret_answer->json = json_loadb(wire_body(wire), expected, 0, NULL);
}

void rig_answer_deinit(struct rig_answer *answer)
{
    json_decref(answer->json);
}

void rig_expect_field(const struct rig_answer *answer, const char *line)
{
    const char *at = strstr(answer->head, line);

    if (!at || strncmp(at + strlen(line), "\r\n", 2) != 0)
        fail_msg("no '%s' in: %s", line, answer->head);
}

json_t *rig_event(const struct wire *wire, unsigned number)
{
    const char *at = wire->bytes;
    json_t *json;

    for (unsigned i = 0;; i++) {
        at = strstr(at, "data: ");
        assert_non_null(at);
        at += strlen("data: ");
        if (i == number)
            break;
    }
    json = json_loadb(at, (size_t)(strchr(at, '\n') - at), 0, NULL);
    assert_non_null(json);
    assert_memory_equal(strchr(at, '\n'), "\n\n", 2);
    return json;
}

const json_t *rig_at(const json_t *json, const char *path)
{
    const json_t *at = json;
    const char *name = path;

    while (*name) {
        char part[64] = "";
        const size_t len = strcspn(name, ".");

        assert_true(len < sizeof(part));
        memcpy(part, name, len);
        at = json_is_array(at) ? json_array_get(at, strtoul(part, NULL, 10))
                               : json_object_get(at, part);
        name += name[len] == '.' ? len + 1 : len;
    }
    if (!at)
        fail_msg("nothing at '%s'", path);
    return at;
}

const char *rig_text_at(const json_t *json, const char *path)
{
    const char *text = json_string_value(rig_at(json, path));

    if (!text)
        fail_msg("no text at '%s'", path);
    return text;
}

long long rig_count_at(const json_t *json, const char *path)
{
    if (!json_is_integer(rig_at(json, path)))
        fail_msg("no count at '%s'", path);
    return json_integer_value(rig_at(json, path));
}
