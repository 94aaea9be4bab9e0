#include "net/kernel_counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Room for each file: the longest, netstat, has about 4 KiB. */
#define FILE_BYTES ((size_t)16 * 1024)

/* Where a counter stands in the kernel's texts. */
struct source {
    struct kernel_counter counter;
    const char *line; /* what its line begins with */
    const char *key;  /* its name there */
};

#define COUNTER(member) {#member, offsetof(struct kernel_counters, member), false}
#define LEVEL(member) {#member, offsetof(struct kernel_counters, member), true}

static const struct source sources[] = {
    {COUNTER(retransmitted_segments), "Tcp: ", "RetransSegs"},
    {COUNTER(failed_connects), "Tcp: ", "AttemptFails"},
    {COUNTER(resets), "Tcp: ", "EstabResets"},
    {COUNTER(bad_segments), "Tcp: ", "InErrs"},
    {COUNTER(listen_overflows), "TcpExt: ", "ListenOverflows"},
    {COUNTER(timeouts), "TcpExt: ", "TCPTimeouts"},
    {COUNTER(memory_aborts), "TcpExt: ", "TCPAbortOnMemory"},
    {COUNTER(backlog_drops), "TcpExt: ", "TCPBacklogDrop"},
    {LEVEL(time_wait), "TCP: ", "tw"},
};

const struct kernel_counter *kernel_counter_at(size_t index)
{
    return index < COUNT_OF(sources) ? &sources[index].counter : NULL;
}

uint64_t kernel_counter_load(const struct kernel_counter *counter,
                             const struct kernel_counters *counters)
{
    uint64_t value;

    memcpy(&value, (const char *)counters + counter->offset, sizeof(value));
    return value;
}

static void store(const struct kernel_counter *counter, uint64_t value,
                  struct kernel_counters *counters)
{
    memcpy((char *)counters + counter->offset, &value, sizeof(value));
}

static size_t word_len(const char *at)
{
    return strcspn(at, " \n");
}

/* The word behind this one on its line; NULL at the line's end. */
static const char *next_word(const char *at)
{
    at += word_len(at);
    return *at == ' ' ? at + 1 : NULL;
}

/* The line behind the one that begins with these words; NULL where there is none. */
static const char *find_line(const char *text, const char *begin)
{
    const size_t len = strlen(begin);

    while (text && strncmp(text, begin, len) != 0) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text ? text + len : NULL;
}

static bool is_word(const char *at, const char *word)
{
    return word_len(at) == strlen(word) && strncmp(at, word, strlen(word)) == 0;
}

/* Digits as the kernel prints them; anything else (some counters may be -1) is 0. */
static uint64_t number_at(const char *at)
{
    uint64_t number = 0;

    for (; at && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    return number;
}

/* snmp and netstat: a line of names, then one of their values. */
static uint64_t find_in_columns(const char *text, const char *begin, const char *key)
{
    const char *name = find_line(text, begin);
    const char *value = name ? find_line(name, begin) : NULL;

    while (name && value) {
        if (is_word(name, key))
            return number_at(value);
        name = next_word(name);
        value = next_word(value);
    }
    return 0;
}

/* sockstat: names and values in turn. */
static uint64_t find_in_pairs(const char *text, const char *begin, const char *key)
{
    const char *name = find_line(text, begin);

    while (name && !is_word(name, key)) {
        name = next_word(name);
        name = name ? next_word(name) : NULL;
    }
    return name ? number_at(next_word(name)) : 0;
}

void kernel_counters_parse(const char *snmp, const char *netstat, const char *sockstat,
                           struct kernel_counters *ret_counters)
{
    *ret_counters = (struct kernel_counters){0};
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        const struct source *source = &sources[i];
        const char *text = strcmp(source->line, "Tcp: ") == 0 ? snmp : netstat;

        store(&source->counter,
              source->counter.is_level
                  ? find_in_pairs(sockstat, source->line, source->key)
                  : find_in_columns(text, source->line, source->key),
              ret_counters);
    }
}

static int read_file(const char *path, char text[static FILE_BYTES])
{
    FILE *file = fopen(path, "re");
    size_t len = 0;

    text[0] = '\0';
    if (!file)
        return -errno;
    len = fread(text, 1, FILE_BYTES - 1, file);
    text[len] = '\0';
    return fclose(file) == 0 ? 0 : -errno;
}

int kernel_counters_read(struct kernel_counters *ret_counters)
{
    static const char *const paths[] = {"/proc/net/snmp", "/proc/net/netstat",
                                        "/proc/net/sockstat"};
    char texts[COUNT_OF(paths)][FILE_BYTES];

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const int r = read_file(paths[i], texts[i]);

        if (r < 0)
            return r;
    }
    kernel_counters_parse(texts[0], texts[1], texts[2], ret_counters);
    return 0;
}

void kernel_counters_since(const struct kernel_counters *before,
                           const struct kernel_counters *after,
                           struct kernel_counters *ret_counters)
{
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        const struct kernel_counter *counter = &sources[i].counter;
        const uint64_t from = kernel_counter_load(counter, before);
        const uint64_t to = kernel_counter_load(counter, after);

        store(counter, counter->is_level ? to : to > from ? to - from : 0, ret_counters);
    }
}
