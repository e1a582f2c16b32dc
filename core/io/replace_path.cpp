// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/replace_path.h"

#include "core/base/error.h"
#include "core/io/system_error.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>

namespace eigenquant {

namespace fs = std::filesystem;

namespace {

/// What kernels and file systems answer that do not know a flag of renameat2.
bool isNotSupported(int number)
{
    return number == EINVAL || number == ENOSYS || number == ENOTSUP;
}

void renameOrThrow(const fs::path& from, const fs::path& to)
{
    if (std::rename(from.c_str(), to.c_str()) != 0)
        throw systemError(errno, to, "cannot rename the finished output into place");
}

} // namespace

void renameIntoFreePlace(const fs::path& from, const fs::path& to)
{
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return;
    const int reason = errno;
    const bool taken = reason == EEXIST || (isNotSupported(reason) && fs::exists(fs::symlink_status(to)));
    if (taken)
        throw Error::usage("something appeared at the output path in the meantime")
            .file(to.string())
            .hint("choose another name, or pass --force to overwrite it");
    if (!isNotSupported(reason))
        throw systemError(reason, to, "cannot rename the finished output into place");
    renameOrThrow(from, to);
}

bool exchangePaths(const fs::path& first, const fs::path& second)
{
    if (::renameat2(AT_FDCWD, first.c_str(), AT_FDCWD, second.c_str(), RENAME_EXCHANGE) == 0)
        return true;
    if (isNotSupported(errno))
        return false;
    throw systemError(errno, second, "cannot rename the finished output into place");
}

void replaceByMovingAside(const fs::path& first, const fs::path& second, const fs::path& aside)
{
    renameOrThrow(second, aside);
    try {
        renameOrThrow(first, second);
    } catch (const Error&) {
        std::error_code ignored; // the first failure is the one to report
        fs::rename(aside, second, ignored);
        throw;
    }
}

} // namespace eigenquant
