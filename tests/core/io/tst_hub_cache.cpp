// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hub_cache.h"
#include "tests/core/io/io_test.h"
#include "tests/support/temporary_folder.h"

namespace eigenquant::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* kModel = "models--some-org--Some--Model-1B";

void expectRefused(const fs::path& folder, std::initializer_list<std::string_view> words)
{
    expectError([&] { hubSnapshot(folder); }, ErrorCode::Invalid, words);
}

} // namespace

TEST(HubCache, TheSnapshotThatMainNames)
{
    const TemporaryFolder folder;
    const fs::path cache = folder / kModel;
    folder.write(std::string(kModel) + "/snapshots/0a1b/config.json", "{}");
    folder.write(std::string(kModel) + "/snapshots/2c3d/config.json", "{}");
    folder.write(std::string(kModel) + "/refs/main", "2c3d\n");
    EXPECT_TRUE(isHubCache(cache));
    EXPECT_EQ(hubSnapshot(cache), cache / "snapshots/2c3d");
    EXPECT_EQ(hubName(cache / "snapshots/2c3d"), "some-org/Some--Model-1B");
    EXPECT_EQ(hubName((cache / "snapshots/2c3d/").string()), "some-org/Some--Model-1B");
}

TEST(HubCache, TheOnlySnapshot)
{
    const TemporaryFolder folder;
    folder.write("snapshots/0a1b/config.json", "{}");
    EXPECT_EQ(hubSnapshot(folder.path()), folder / "snapshots/0a1b");
    folder.write("snapshots/2c3d/config.json", "{}");
    expectRefused(folder.path(), {"several snapshots", "0a1b, 2c3d"});
}

TEST(HubCache, ACacheWithoutSnapshots)
{
    const TemporaryFolder folder;
    EXPECT_FALSE(isHubCache(folder.path()));
    fs::create_directory(folder / "snapshots");
    EXPECT_TRUE(isHubCache(folder.path()));
    expectRefused(folder.path(), {"no snapshot"});
}

TEST(HubCache, ReferencesNeverLeadOutOfTheCache)
{
    const TemporaryFolder folder;
    folder.write("snapshots/0a1b/config.json", "{}");
    folder.write("outside/config.json", "{}");
    for (const std::string name : {"../outside", "/outside", "..", ".", "", " \n", "0a1b/../../outside", "a\\b"}) {
        SCOPED_TRACE(name);
        folder.write("refs/main", name);
        expectRefused(folder.path(), {"refs/main", "does not name a snapshot"});
    }
    folder.write("refs/main", "4e5f");
    expectRefused(folder.path(), {"refs/main", "4e5f"});
    folder.write("refs/main", std::string(1 << 20, 'a'));
    expectRefused(folder.path(), {"too large"});
}

TEST(HubCache, AModelFolderIsNone)
{
    const TemporaryFolder folder;
    folder.write("config.json", "{}");
    fs::create_directory(folder / "snapshots");
    EXPECT_FALSE(isHubCache(folder.path()));
    EXPECT_EQ(hubName(folder.path()), "");
    EXPECT_EQ(hubName("/"), "");
}

} // namespace eigenquant::test
