#include "config/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/load.h"
#include "config/tree.h"

#define MAX_PATH_BYTES ((size_t)4096)

/* Returns 0; -EFBIG; -errno. text has room for max_bytes + 2. */
static int read_open(FILE *file, size_t max_bytes, char *text, size_t *ret_len)
{
    size_t len;

    errno = 0;
    len = fread(text, 1, max_bytes + 1, file);
    if (ferror(file))
        return errno ? -errno : -EIO;
    if (len > max_bytes)
        return -EFBIG;
    text[len] = '\0';
    *ret_len = len;
    return 0;
}

int file_read(const char *path, size_t max_bytes, char **ret_text, size_t *ret_len)
{
    FILE *file = fopen(path, "re");
    char *text;
    int r;

    if (!file)
        return -errno;
    text = malloc(max_bytes + 2);
    r = text ? read_open(file, max_bytes, text, ret_len) : -ENOMEM;
    (void)fclose(file); /* it was only read */
    if (r < 0) {
        free(text);
        return r;
    }
    *ret_text = text;
    return 0;
}

const char *file_beside(struct config_tree *tree, const char *beside, const char *path)
{
    const char *slash = strrchr(beside, '/');
    const size_t folder_len = slash ? (size_t)(slash - beside) + 1 : 0;
    char *joined;

    if (*path == '/' || folder_len == 0)
        return tree_copy(tree, path, strlen(path));
    joined = tree_alloc(tree, folder_len + strlen(path) + 1, 1);
    if (!joined)
        return NULL;
    memcpy(joined, beside, folder_len);
    memcpy(joined + folder_len, path, strlen(path));
    return joined;
}

int config_beside(const struct config_node *path, struct buf *out)
{
    const char *slash = path->place.file ? strrchr(path->place.file, '/') : NULL;

    if (*path->text != '/' && slash)
        buf_append(out, path->place.file, (size_t)(slash - path->place.file) + 1);
    return buf_append_str(out, path->text);
}

int config_read(const struct config_node *path, size_t max_bytes,
                struct diag_list *reterr_diags, char **ret_bytes, size_t *ret_len)
{
    struct buf beside = BUF_INIT(MAX_PATH_BYTES);
    int r = config_beside(path, &beside);

    if (r == 0)
        r = file_read(buf_str(&beside), max_bytes, ret_bytes, ret_len);
    if (r == -EFBIG)
        r = diag_add(reterr_diags, path->place, NULL, "'%s' has more than %zu bytes",
                     path->written, max_bytes);
    else if (r < 0 && r != -ENOMEM)
        r = diag_add(reterr_diags, path->place,
                     "the path is relative to the file that names it",
                     "cannot read '%s': %s", path->written, file_error(r));
    buf_deinit(&beside);
    return r;
}

const char *file_error(int error)
{
    const char *text = strerrordesc_np(-error);

    return text ? text : "unknown error";
}
