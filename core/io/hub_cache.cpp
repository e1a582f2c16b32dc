// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hub_cache.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/shard_name.h"
#include "core/io/text_file.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <vector>

namespace eigenquant {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSnapshots = "snapshots";
constexpr std::string_view kPrefix = "models--";

bool isFolder(const fs::path& path)
{
    std::error_code refused;
    return fs::is_directory(path, refused);
}

/// What a reference says is untrusted: it must not lead out of the folder of snapshots.
std::string readRevision(const fs::path& reference)
{
    constexpr std::uint64_t kLimit = 4096;
    constexpr std::string_view kSpace = " \t\r\n";
    std::string revision = readFile(reference, kLimit);
    revision.erase(0, std::min(revision.find_first_not_of(kSpace), revision.size()));
    revision.erase(revision.find_last_not_of(kSpace) + 1);
    const bool single = !revision.empty() && !revision.starts_with('.') &&
                        revision.find_first_of(std::string_view("/\\\0", 3)) == revision.npos;
    if (!single)
        throw Error::invalid("this does not name a snapshot")
            .file(reference.string())
            .found("\"" + printable(revision, 60) + "\"")
            .expected("the name of a folder in snapshots");
    return revision;
}

std::vector<fs::path> snapshotsIn(const fs::path& folder)
{
    std::vector<fs::path> found = folderEntries(folder);
    std::erase_if(found, [](const fs::path& entry) { return !isFolder(entry); });
    return found;
}

} // namespace

bool isHubCache(const fs::path& folder)
{
    return !fileExists(folder / "config.json") && isFolder(folder / kSnapshots);
}

fs::path hubSnapshot(const fs::path& folder)
{
    const fs::path snapshots = folder / kSnapshots;
    if (const fs::path reference = folder / "refs" / "main"; fileExists(reference)) {
        const fs::path named = snapshots / readRevision(reference);
        if (isFolder(named))
            return named;
        throw Error::invalid("the snapshot that refs/main names is not there")
            .file(reference.string())
            .expected("the folder " + printable(named.string(), 400))
            .hint("download the model again");
    }
    const std::vector<fs::path> all = snapshotsIn(snapshots);
    if (all.size() == 1)
        return all.front();
    if (all.empty())
        throw Error::invalid("the cache holds no snapshot of the model")
            .file(snapshots.string())
            .hint("download the model again");
    std::string names;
    for (const fs::path& one : all)
        names += (names.empty() ? "" : ", ") + one.filename().string();
    throw Error::invalid("the cache holds several snapshots of the model, and refs/main names none")
        .file(snapshots.string())
        .found(printable(names, 400))
        .hint("give the folder of one of them");
}

std::string hubName(const fs::path& snapshot)
{
    const fs::path folder = fs::absolute(snapshot / ".").lexically_normal().parent_path();
    const std::string name = folder.parent_path().parent_path().filename().string();
    if (folder.parent_path().filename() != kSnapshots || !name.starts_with(kPrefix))
        return {};
    std::string readable = name.substr(kPrefix.size());
    if (const std::size_t between = readable.find("--"); between != readable.npos)
        readable.replace(between, 2, "/");
    return readable;
}

} // namespace eigenquant
