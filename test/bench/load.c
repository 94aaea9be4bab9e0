#include "load.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/quantity.h"

#define CHUNK_START "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","
#define ROLE_EVENT CHUNK_START "\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
#define OUTPUT_EVENT                                                                     \
    CHUNK_START "\"created\":1790000000,\"model\":\"bench\",\"choices\":[{\"index\":0,"  \
                "\"delta\":{\"content\":\" of water\"},\"logprobs\":null,"               \
                "\"finish_reason\":null}]}\n\n"
#define FINISH_EVENT                                                                     \
    CHUNK_START                                                                          \
    "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define USAGE_EVENT                                                                      \
    CHUNK_START "\"choices\":[],\"usage\":{\"prompt_tokens\":20,"                        \
                "\"completion_tokens\":200,\"total_tokens\":220}}\n\n"
#define SMALL_BODY "{\"data\":[{\"id\":\"bench\"}],\"ok\":true}\n"
#define CHAT_BODY                                                                        \
    "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"Which rivers "  \
    "rise in the mountains of a country that you know, and where do they end?\"}],"      \
    "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":200}"

/* The lengths that stand before them below, in hexadecimal where HTTP wants it. */
static_assert(sizeof(ROLE_EVENT) - 1 == 0x67, "length of ROLE_EVENT");
static_assert(sizeof(OUTPUT_EVENT) - 1 == 0xbe, "length of OUTPUT_EVENT");
static_assert(sizeof(FINISH_EVENT) - 1 == 0x76, "length of FINISH_EVENT");
static_assert(sizeof(USAGE_EVENT) - 1 == 0x91, "length of USAGE_EVENT");
static_assert(sizeof(SMALL_BODY) - 1 == 36, "length of SMALL_BODY");
static_assert(sizeof(CHAT_BODY) - 1 == 215, "length of CHAT_BODY");

const char load_stream_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    "Transfer-Encoding: chunked\r\n\r\n67\r\n" ROLE_EVENT "\r\n";
const char load_chunk[] = "be\r\n" OUTPUT_EVENT "\r\n";
static_assert(sizeof(load_chunk) - 1 == LOAD_CHUNK_BYTES, "length of load_chunk");
const char load_stream_end[] = "76\r\n" FINISH_EVENT "\r\n91\r\n" USAGE_EVENT
                               "\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
const char load_small_answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Content-Length: 36\r\n\r\n" SMALL_BODY;
const char load_chat_body[] = CHAT_BODY;
const char *const load_headers[] = {
    "Content-Type: application/json",
    "Accept: text/event-stream",
    "X-Request-ID: streams-20260101-000000-0000-0-123456-0",
    "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    NULL,
};
const char load_chat_request[] =
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Content-Type: application/json\r\nContent-Length: 215\r\n\r\n" CHAT_BODY;
const char load_small_request[] = "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

void load_fail(const char *what)
{
    (void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

struct load_state *load_state_map(const char *path)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    void *state;

    if (fd < 0)
        load_fail(path);
    state =
        mmap(NULL, sizeof(struct load_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (state == MAP_FAILED)
        load_fail("mmap");
    (void)close(fd);
    return state;
}

void load_raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        load_fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        load_fail("setrlimit");
}

bool load_has_output(const char *bytes, size_t len)
{
    static const char mark[] = "\"content\":\"";

    return memmem(bytes, len, mark, sizeof(mark) - 1) != NULL;
}

bool load_has_end(const char *bytes, size_t len)
{
    static const char mark[] = "data: [DONE]";

    return memmem(bytes, len, mark, sizeof(mark) - 1) != NULL;
}

uint64_t load_number(const char *text)
{
    uint64_t number = 0;

    if (!text || quantity_parse_count(text, &number) < 0) {
        errno = EINVAL;
        load_fail(text ? text : "a word of the command line is missing");
    }
    return number;
}
