/* Users in an archive (base/archive.h). */
#pragma once

#include <stdint.h>

struct archive;
struct people;

/* worker_index: whose users these are, of those that people were made for. */
void people_archive_write(struct archive *archive, const struct people *people,
                          uint32_t worker_index);
/* Adds them to people of one worker. */
void people_archive_read(struct archive *archive, struct people *people);
