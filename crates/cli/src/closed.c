/* A closed standard output, as after `paydesk … >&-`.
 *
 * Rust opens /dev/null in its place before anything of ours runs; an answer would go there as if somebody had read it,
 * and nobody could tell. So before that it gets a /dev/null that can only be read, as the C library gives one to
 * privileged programs: that can be told (see run.rs). Linked on Unix. */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

__attribute__((constructor)) static void paydesk_closed_output(void) {
    int reader;
    if (fcntl(STDOUT_FILENO, F_GETFD) != -1 || errno != EBADF) {
        return;
    }
    reader = open("/dev/null", O_RDONLY);
    if (reader != -1 && reader != STDOUT_FILENO) {
        dup2(reader, STDOUT_FILENO);
        close(reader);
    }
}
