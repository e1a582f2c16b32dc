// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/temporary_file.h"

#include "core/base/error.h"
#include "core/io/system_error.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace eigenquant {

int openTemporaryFile(const std::filesystem::path& folder)
{
    const int nameless = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (nameless >= 0)
        return nameless;
    // Not every file system can make a file without a name.
    std::string name = (folder / ".eigenquant-XXXXXX").string();
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0)
        throw systemError(errno, folder, "cannot create a temporary file");
    ::unlink(name.c_str());
    return descriptor;
}

std::filesystem::path temporaryFolder()
{
    std::error_code failure;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(failure);
    if (failure)
        throw Error::io("there is no folder for temporary files").field("TMPDIR").found(failure.message()).hint(
            "let TMPDIR name a folder that can be written to");
    return folder;
}

} // namespace eigenquant
