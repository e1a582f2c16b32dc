// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/output_place.h"

#include "core/base/error.h"
#include "core/io/output_file.h"
#include "core/io/replace_path.h"
#include "core/io/system_error.h"

#include <atomic>
#include <cerrno>
#include <optional>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace eigenquant {

namespace fs = std::filesystem;

namespace {

/// A file's identity, whatever path or link led to it.
struct Identity {
    dev_t device;
    ino_t inode;
    bool operator==(const Identity&) const = default;
};

std::optional<Identity> identityOf(const fs::path& path)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return std::nullopt;
    return Identity{status.st_dev, status.st_ino};
}

/// Whether `path`, which exists, or one of the folders above it is `sought`.
bool isAtOrBelow(const fs::path& path, const Identity& sought)
{
    for (fs::path at = fs::canonical(path);; at = at.parent_path()) {
        if (identityOf(at) == sought)
            return true;
        if (at == at.root_path())
            return false;
    }
}

/// The place with its folder resolved, so that later changes of the working directory do not matter.
fs::path resolvePlace(const fs::path& given)
{
    fs::path place = given.empty() ? given : fs::absolute(given);
    if (!place.has_filename())
        place = place.parent_path();
    if (!place.has_filename() || place.filename() == "." || place.filename() == "..")
        throw Error::usage("this path cannot be written as an output")
            .file(given.string())
            .expected("the name of a file or folder to create");
    std::error_code failure;
    const fs::path parent = fs::canonical(place.parent_path(), failure);
    if (failure)
        throw Error::io("the folder to write into is not there")
            .file(place.parent_path().string())
            .found(failure.message())
            .hint("create it first");
    if (!fs::is_directory(parent))
        throw Error::io("this is not a folder, so nothing can be written into it").file(parent.string());
    return parent / place.filename();
}

void refuseInputs(const fs::path& place, const std::vector<fs::path>& inputs)
{
    const auto taken = identityOf(place);
    for (const fs::path& input : inputs) {
        const auto identity = identityOf(input);
        if (!identity)
            continue;
        const char* relation = nullptr;
        if (identity == taken)
            relation = "the output is one of the inputs";
        else if (isAtOrBelow(place.parent_path(), *identity))
            relation = "the output lies inside one of the inputs";
        else if (taken && isAtOrBelow(input, *taken))
            relation = "the output contains one of the inputs";
        if (relation)
            throw Error::usage(relation)
                .file(place.string())
                .found("the input " + input.string())
                .hint("choose an output elsewhere");
    }
}

void refuseTakenPlace(const fs::path& place, OutputKind kind, bool overwrite)
{
    if (!fs::exists(fs::symlink_status(place)))
        return;
    if (!overwrite)
        throw Error::usage("the output already exists")
            .file(place.string())
            .hint("choose another name, or pass --force to overwrite it");
    const fs::file_status status = fs::status(place);
    const bool file = kind == OutputKind::File;
    // A dangling link may be replaced by either; devices and pipes never are.
    if (fs::exists(status) && (file ? !fs::is_regular_file(status) : !fs::is_directory(status)))
        throw Error::usage("the output exists and is of another kind")
            .file(place.string())
            .expected(file ? "a file" : "a folder")
            .hint("remove it yourself or choose another name");
    const auto identity = identityOf(place);
    if (!file && identity && isAtOrBelow(fs::current_path(), *identity))
        throw Error::usage("the output is the working directory or a folder above it")
            .file(place.string())
            .hint("choose another name");
}

void checkFreeSpace(const fs::path& parent, std::uint64_t expectedBytes)
{
    struct statvfs disk {};
    if (::statvfs(parent.c_str(), &disk) != 0)
        throw systemError(errno, parent, "cannot ask for the free disk space");
    const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free < expectedBytes)
        throw Error::resources("not enough disk space: needed " + std::to_string(expectedBytes) + " bytes, free " +
                               std::to_string(free) + " bytes")
            .file(parent.string())
            .hint("free some disk space or choose another disk");
}

void syncTree(const fs::path& path)
{
    const fs::file_status status = fs::symlink_status(path);
    if (fs::is_directory(status))
        for (const fs::directory_entry& entry : fs::directory_iterator(path))
            syncTree(entry.path());
    if (fs::is_directory(status) || fs::is_regular_file(status))
        syncPath(path);
}

/// Puts a finished folder where another one is; returns where that one is now.
fs::path swapFolders(const fs::path& finished, const fs::path& place)
{
    if (exchangePaths(finished, place))
        return finished;
    fs::path aside = hiddenSibling(place, "old");
    replaceByMovingAside(finished, place, aside);
    return aside;
}

} // namespace

fs::path hiddenSibling(const fs::path& place, const std::string& purpose)
{
    static std::atomic<unsigned> counter{0};
    constexpr std::size_t kLongest = 180; // names end at 255 bytes
    std::string hidden(1, '.');
    hidden += place.filename().string().substr(0, kLongest);
    hidden += "." + purpose + "-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    return place.parent_path() / hidden;
}

OutputPlace::OutputPlace(const fs::path& place, OutputKind kind, bool overwrite, const std::vector<fs::path>& inputs,
                         std::uint64_t expectedBytes)
    : m_place(resolvePlace(place)), m_kind(kind), m_overwrite(overwrite)
{
    refuseInputs(m_place, inputs);
    refuseTakenPlace(m_place, kind, overwrite);
    checkFreeSpace(m_place.parent_path(), expectedBytes);
}

void OutputPlace::put(const fs::path& finished) const
{
    syncTree(finished);
    fs::path old;
    if (!m_overwrite || !fs::exists(fs::symlink_status(m_place)))
        renameIntoFreePlace(finished, m_place);
    else if (m_kind == OutputKind::Folder)
        old = swapFolders(finished, m_place);
    else if (::rename(finished.c_str(), m_place.c_str()) != 0)
        throw systemError(errno, m_place, "cannot rename the finished output into place");
    syncPath(m_place.parent_path());
    std::error_code ignored; // the output is in place: what is left of the old one is no reason to fail
    if (!old.empty())
        fs::remove_all(old, ignored);
}

} // namespace eigenquant
