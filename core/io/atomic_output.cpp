// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_output.h"

#include "core/base/error.h"
#include "core/io/output_file.h"
#include "core/io/system_error.h"

#include <cerrno>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>

namespace eigenquant {

namespace fs = std::filesystem;

namespace {

/// 0, or errno. Exclusive: a leftover of a killed process with our number is not written into.
int createEmpty(const fs::path& path, OutputKind kind)
{
    if (kind == OutputKind::Folder)
        return ::mkdir(path.c_str(), 0777) == 0 ? 0 : errno;
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return errno;
    ::close(descriptor);
    return 0;
}

fs::path createSibling(const fs::path& place, OutputKind kind)
{
    while (true) {
        fs::path path = hiddenSibling(place, "partial");
        const int failure = createEmpty(path, kind);
        if (failure == 0)
            return path;
        if (failure != EEXIST)
            throw systemError(failure, place, "cannot write into the folder of the output");
    }
}

} // namespace

AtomicOutput::AtomicOutput(const fs::path& place, Kind kind, bool overwrite, const std::vector<fs::path>& inputs,
                           std::uint64_t expectedBytes)
    : m_place(place, kind, overwrite, inputs, expectedBytes), m_temporary(createSibling(m_place.path(), kind))
{
}

AtomicOutput::~AtomicOutput()
{
    std::error_code ignored; // a destructor has nobody to tell
    if (!m_done)
        fs::remove_all(m_temporary, ignored);
}

void AtomicOutput::commit()
{
    m_place.put(m_temporary);
    m_done = true;
}

void writeFile(const fs::path& file, std::string_view content)
{
    OutputFile output(file);
    output.write(std::as_bytes(std::span(content)));
    output.close();
}

void writeFileAtomically(const fs::path& file, std::string_view content, bool overwrite)
{
    AtomicOutput output(file, AtomicOutput::Kind::File, overwrite, {}, content.size());
    writeFile(output.path(), content);
    output.commit();
}

} // namespace eigenquant
