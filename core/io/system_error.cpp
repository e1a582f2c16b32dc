// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/system_error.h"

#include <cerrno>
#include <system_error>

namespace eigenquant {

Error systemError(int number, const std::filesystem::path& file, const std::string& summary)
{
    const std::string reason = summary + ": " + std::generic_category().message(number);
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return Error::resources(reason).file(file.string()).hint("free some disk space or choose another disk");
    case EFBIG:
        return Error::resources(reason)
            .file(file.string())
            .hint("this disk or account takes no file of this size; choose another disk");
    case ENOMEM:
        return Error::resources(reason).file(file.string());
    default:
        return Error::io(reason).file(file.string());
    }
}

} // namespace eigenquant
