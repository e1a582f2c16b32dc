// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace eigenquant {

/// Opens a new file in a folder, for reading and writing, that has no name any more when this returns: it goes when it
/// is closed, however the process ends. Returns its descriptor.
int openTemporaryFile(const std::filesystem::path& folder);

/// The folder for temporary files, TMPDIR's. Error::io if it names none.
std::filesystem::path temporaryFolder();

} // namespace eigenquant
