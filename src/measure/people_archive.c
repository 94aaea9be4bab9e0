#include "measure/people_archive.h"

#include <errno.h>

#include "base/archive.h"
#include "measure/people.h"

/* Adds a bucket's count; what is more than a bucket holds halves all, as brief_add() does. */
static void add_count(struct brief *brief, uint16_t *bucket, uint64_t count)
{
    while (*bucket + count > UINT16_MAX) {
        for (size_t i = 0; i < BRIEF_BUCKETS; i++)
            brief->buckets[i] = (uint16_t)((brief->buckets[i] + 1) / 2);
        brief->missed = (uint16_t)((brief->missed + 1) / 2);
        count = (count + 1) / 2;
    }
    *bucket = (uint16_t)(*bucket + count);
}

static void archive_bucket(struct archive *archive, struct brief *brief, uint16_t *bucket)
{
    const uint64_t count = archive_number_below(archive, *bucket, UINT16_MAX + 1);

    if (archive_is_read(archive))
        add_count(brief, bucket, count);
}

static void archive_brief(struct archive *archive, struct brief *brief)
{
    uint64_t used = 0;
    size_t at = 0;

    for (size_t i = 0; i < BRIEF_BUCKETS; i++)
        used += brief->buckets[i] > 0;
    used = archive_number_below(archive, used, BRIEF_BUCKETS + 1);
    for (uint64_t i = 0; i < used && archive_error(archive) == 0; i++, at++) {
        while (!archive_is_read(archive) && brief->buckets[at] == 0)
            at++;
        at = archive_number_below(archive, at, BRIEF_BUCKETS);
        archive_bucket(archive, brief, &brief->buckets[at]);
    }
    archive_bucket(archive, brief, &brief->missed);
    archive_greatest(archive, &brief->max_ns);
}

static void archive_person(struct archive *archive, struct person *person)
{
    archive_sum(archive, &person->requests);
    archive_sum(archive, &person->questions);
    archive_sum(archive, &person->failed);
    archive_sum(archive, &person->prompt_tokens);
    archive_sum(archive, &person->completion_tokens);
    archive_sum_signed(archive, &person->cost_pusd);
    archive_brief(archive, &person->latency);
}

static const struct person *person_at(const struct people *people, size_t at)
{
    const struct person *block = people->blocks[at / PEOPLE_PER_BLOCK];
    const struct person *person = block ? &block[at % PEOPLE_PER_BLOCK] : NULL;

    return person && person->requests > 0 ? person : NULL;
}

static void write_person(struct archive *archive, const struct person *from,
                         uint64_t ordinal)
{
    struct person person = *from; /* walked by what may also add to it */

    archive_number(archive, ordinal);
    archive_person(archive, &person);
}

void people_archive_write(struct archive *archive, const struct people *people,
                          uint32_t worker_index)
{
    uint64_t count = people->others.requests > 0;

    for (size_t i = 0; i < RECORDER_USERS; i++)
        count += person_at(people, i) != NULL;
    archive_number(archive, count);
    for (size_t i = 0; i < RECORDER_USERS; i++)
        if (person_at(people, i))
            write_person(archive, person_at(people, i),
                         i * people->stride + worker_index);
    if (people->others.requests > 0)
        write_person(archive, &people->others, RECORDER_OTHER_USERS);
}

void people_archive_read(struct archive *archive, struct people *people)
{
    const uint64_t count = archive_number_below(archive, 0, RECORDER_USERS + 2);

    for (uint64_t i = 0; i < count && archive_error(archive) == 0; i++) {
        struct person *person = people_find(people, archive_number(archive, 0));

        if (person)
            archive_person(archive, person);
        else
            archive_fail(archive, -ENOMEM);
    }
}
