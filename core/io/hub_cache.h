// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace eigenquant {

/// Whether a folder is a model's folder in the cache of huggingface_hub: `models--ORG--NAME`, with `snapshots` and
/// usually `refs` and `blobs` inside.
bool isHubCache(const std::filesystem::path& folder);

/// The snapshot of such a folder that `refs/main` names or, without it, the only one. Throws Error::invalid if the
/// named one is not there, or if there are several and none is named.
std::filesystem::path hubSnapshot(const std::filesystem::path& folder);

/// "ORG/NAME" of a snapshot's folder, `models--ORG--NAME/snapshots/REVISION`; empty for any other folder.
std::string hubName(const std::filesystem::path& snapshot);

} // namespace eigenquant
