#include "platform/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#define SCHEMA "throng.platform/1"
#define MAX_LINE_BYTES ((size_t)64 * 1024)

struct ledger {
    int fd;
    int error;
    struct buf line;
};

static void write_line(struct ledger *ledger)
{
    const char *at = ledger->line.bytes;
    size_t left = ledger->line.len;

    if (ledger->error == 0)
        ledger->error = buf_error(&ledger->line);
    while (ledger->error == 0 && left > 0) {
        const ssize_t wrote = write(ledger->fd, at, left);

        if (wrote < 0 && errno != EINTR) {
            ledger->error = -errno;
        } else if (wrote > 0) {
            at += wrote;
            left -= (size_t)wrote;
        }
    }
    buf_clear(&ledger->line);
}

static void append_member(struct buf *line, const char *key, const char *value)
{
    if (!value)
        return;
    buf_append_str(line, line->len > 0 ? ",\"" : "{\"");
    buf_append_str(line, key);
    buf_append_str(line, "\":\"");
    buf_append_json(line, value, strlen(value));
    buf_append_char(line, '"');
}

int ledger_open(const char *path, const char *run_id, struct ledger **ret_ledger)
{
    struct ledger *ledger = malloc(sizeof(*ledger));

    if (!ledger)
        return -ENOMEM;
    *ledger = (struct ledger){
        .fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600),
        .line = BUF_INIT(MAX_LINE_BYTES),
    };
    if (ledger->fd < 0) {
        const int error = -errno;

        free(ledger);
        return error;
    }
    if (lseek(ledger->fd, 0, SEEK_END) == 0) {
        append_member(&ledger->line, "schema", SCHEMA);
        append_member(&ledger->line, "run_id", run_id);
        buf_append_str(&ledger->line, "}\n");
    } else {
        /* Behind what a killed run was writing. */
        buf_append_str(&ledger->line, "\n");
    }
    write_line(ledger);
    *ret_ledger = ledger;
    return 0;
}

struct ledger *ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return NULL;
    (void)close(ledger->fd);
    buf_deinit(&ledger->line);
    free(ledger);
    return NULL;
}

void ledger_note(struct ledger *ledger, enum tenancy_kind kind, enum tenant_state state,
                 const struct roster_user *as)
{
    if (!ledger)
        return;
    append_member(&ledger->line, "event", tenant_state_name(state));
    append_member(&ledger->line, "kind", tenancy_kind_name(kind));
    append_member(&ledger->line, "organization", as->org_name);
    append_member(&ledger->line, "org_id", as->org_id);
    append_member(&ledger->line, "org_slug", as->org_slug);
    if (kind != TENANCY_ORGANIZATIONS) {
        append_member(&ledger->line, "email", as->email);
        append_member(&ledger->line, "user_id", as->user_id);
        if (as->index > 0)
            buf_printf(&ledger->line, ",\"index\":%" PRIu64, as->index);
    }
    if (kind == TENANCY_KEYS)
        append_member(&ledger->line, "key_id", as->key_id);
    buf_append_str(&ledger->line, "}\n");
    write_line(ledger);
}

int ledger_error(const struct ledger *ledger)
{
    return ledger ? ledger->error : 0;
}
