#include "result/worker_names.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/archive.h"
#include "base/buf.h"
#include "measure/recorder.h"
#include "result/facts.h"

#define MAX_NAME_BYTES 1024

struct writing {
    struct archive *archive;
    const struct run_facts *facts;
    uint64_t count;
    bool is_counted; /* names follow */
};

static void write_user(void *ctx, const struct user_view *user)
{
    struct writing *writing = ctx;
    struct buf name = BUF_INIT(MAX_NAME_BYTES);

    /* The merged recorder counts those past it together. */
    if (user->ordinal >= RECORDER_USERS)
        return;
    if (!writing->is_counted) {
        writing->count++;
        return;
    }
    run_facts_user(writing->facts, user->ordinal, &name);
    archive_number(writing->archive, user->ordinal);
    archive_text(writing->archive, buf_str(&name));
    archive_text(writing->archive, run_facts_organization(writing->facts, user->ordinal));
    buf_deinit(&name);
}

void worker_names_write(struct archive *archive, const struct run_facts *facts)
{
    struct writing writing = {.archive = archive, .facts = facts};
    const bool is_named = facts->roster && facts->roster->user_count > 0;

    if (is_named)
        recorder_each_user(facts->view->recorder, write_user, &writing);
    archive_number(archive, writing.count);
    writing.is_counted = true;
    if (is_named)
        recorder_each_user(facts->view->recorder, write_user, &writing);
}

/* Makes room for an entry. Returns 0 or -ENOMEM. */
static int grow(struct worker_names *names, size_t ordinal)
{
    const size_t room = ordinal < 2 * names->room ? 2 * names->room : ordinal + 1;
    struct roster_user *users;
    char **texts;

    if (ordinal < names->room)
        return 0;
    users = reallocarray(names->users, room, sizeof(*users));
    if (users)
        names->roster.users = names->users = users;
    texts = (char **)reallocarray((void *)names->texts, room, 2 * sizeof(*texts));
    if (texts)
        names->texts = texts;
    if (!users || !texts)
        return -ENOMEM;
    memset(users + names->room, 0, (room - names->room) * sizeof(*users));
    for (size_t i = 2 * names->room; i < 2 * room; i++)
        texts[i] = NULL;
    names->room = room;
    return 0;
}

static void read_user(struct archive *archive, struct worker_names *names)
{
    const size_t ordinal = archive_number_below(archive, 0, RECORDER_USERS);
    char *user = archive_text(archive, NULL);
    char *organization = archive_text(archive, NULL);

    if (archive_error(archive) == 0 && grow(names, ordinal) < 0)
        archive_fail(archive, -ENOMEM);
    if (archive_error(archive) < 0 || names->texts[2 * ordinal]) {
        free(user);
        free(organization);
        return;
    }
    names->texts[2 * ordinal] = user;
    names->texts[2 * ordinal + 1] = organization;
    names->users[ordinal].user_id = user;
    names->users[ordinal].org_name = organization;
    if (ordinal >= names->roster.user_count)
        names->roster.user_count = ordinal + 1;
}

void worker_names_read(struct archive *archive, struct worker_names *names)
{
    const uint64_t count = archive_number_below(archive, 0, RECORDER_USERS + 1);

    for (uint64_t i = 0; i < count && archive_error(archive) == 0; i++)
        read_user(archive, names);
}

void worker_names_deinit(struct worker_names *names)
{
    for (size_t i = 0; i < 2 * names->room; i++)
        free(names->texts[i]);
    free((void *)names->texts);
    free(names->users);
    *names = (struct worker_names){0};
}
