// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/file_bytes.h"

#include "core/base/error.h"
#include "core/io/system_error.h"

#include <cerrno>
#include <unistd.h>

namespace eigenquant {

void writeAt(int descriptor, const std::filesystem::path& file, std::uint64_t offset,
             std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw systemError(errno, file, "cannot write the file");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void readAt(int descriptor, const std::filesystem::path& file, std::uint64_t offset, std::span<std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::pread(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw systemError(errno, file, "cannot read the file");
        if (count == 0)
            throw Error::invalid("the file is shorter than it was").file(file.string());
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

} // namespace eigenquant
