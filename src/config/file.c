#include "config/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/tree.h"

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

const char *file_error(int error)
{
    const char *text = strerrordesc_np(-error);

    return text ? text : "unknown error";
}
