#include "workload/row_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/json_scan.h"
#include "base/secret.h"

#define PIECE_BYTES ((size_t)1024 * 1024)
#define MAX_MESSAGE_BYTES 512

static void fd_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Returns 0; -EFBIG; -errno. */
static int read_all(const char *path, struct private_pages *pages, size_t *ret_len)
{
    CLEANUP(fd_close) const int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t got;

    if (fd < 0)
        return -errno;
    do {
        if (private_pages_reserve(pages, len + PIECE_BYTES) < 0)
            return -ENOMEM;
        got = read(fd, pages->bytes + len, pages->cap - len);
        if (got < 0 && errno != EINTR)
            return -errno;
        len += got > 0 ? (size_t)got : 0;
        if (len > TEXTS_MAX_BYTES)
            return -EFBIG;
    } while (got != 0);
    *ret_len = len;
    return 0;
}

static bool begins_with(const struct row_file *file, const char *bytes, size_t len)
{
    return file->len >= len && memcmp(file->bytes, bytes, len) == 0;
}

int row_file_open(struct row_file *file)
{
    int r = read_all(file->path, &file->pages, &file->len);

    file->scratch = BUF_INIT(TEXTS_MAX_BYTES);
    file->bytes = file->pages.bytes;
    if (r == -ENOMEM)
        return r;
    if (r == -EFBIG)
        return row_file_refuse(file, 0, "split it", "over " ROW_FILE_MAX_WORDS);
    if (r < 0)
        return diag_add(file->diags, file->named,
                        "a file is looked for beside the one that names it",
                        "'%s' cannot be read: %s", file->path, strerror(-r));
    if (begins_with(file, "\xFF\xFE", 2) || begins_with(file, "\xFE\xFF", 2))
        return row_file_refuse(file, 1, "save it as UTF-8", "UTF-16 text");
    if (begins_with(file, "\xEF\xBB\xBF", 3)) {
        file->bytes += 3;
        file->len -= 3;
    }
    return 0;
}

void row_file_close(struct row_file *file)
{
    private_pages_deinit(&file->pages);
    if (file->scratch.bytes)
        secret_wipe(file->scratch.bytes, file->scratch.cap);
    buf_deinit(&file->scratch);
}

int row_file_bad_row(struct row_file *file, uint64_t line, const char *problem,
                     const char *hint)
{
    const struct diag_place place = {.file = file->path, .line = line};

    if (file->skip_bad_rows) {
        file->skipped++;
        return 0;
    }
    file->failed = true;
    return diag_add(file->diags, place, hint, "%s", problem) == -ENOMEM ? -ENOMEM : 0;
}

int row_file_refuse(struct row_file *file, uint64_t line, const char *hint,
                    const char *format, ...)
{
    const struct diag_place place = {.file = file->path, .line = line};
    struct buf message = BUF_INIT(MAX_MESSAGE_BYTES);
    va_list args;
    int r;

    va_start(args, format);
    (void)buf_vprintf(&message, format, args);
    va_end(args);
    r = buf_error(&message) == -ENOMEM
            ? -ENOMEM
            : diag_add(file->diags, place, hint, "%s", buf_str(&message));
    buf_deinit(&message);
    return r;
}

int row_file_append_string(struct row_file *file, struct json_piece piece,
                           struct texts *texts)
{
    int r;

    if (!piece.escaped)
        return texts_append(texts, piece.bytes, piece.len);
    buf_clear(&file->scratch);
    r = json_piece_append(piece, &file->scratch);
    return r < 0 ? r : texts_append(texts, file->scratch.bytes, file->scratch.len);
}
