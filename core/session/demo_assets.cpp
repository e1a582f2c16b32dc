// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/session.h"

#include <cstdlib>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

/// Where ./studio puts what it downloads.
fs::path dataFolder()
{
    if (const char* home = std::getenv("EIGENQUANT_HOME"); home && *home)
        return home;
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data)
        return fs::path(data) / "eigenquant-studio";
    const char* home = std::getenv("HOME");
    return fs::path(home ? home : ".") / ".local/share/eigenquant-studio";
}

/// The bundled texts: beside the installed program, or in the source tree of a build.
fs::path textFolder()
{
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    const fs::path installed = program.parent_path().parent_path() / "share/eigenquant-studio/texts";
    return fs::exists(installed, error) ? installed : fs::path(EIGENQUANT_TEXT_FOLDER);
}

void require(const fs::path& file, const char* hint)
{
    std::error_code error;
    if (!fs::exists(file, error))
        throw Error::io("the demo needs this file").file(file.string()).hint(hint);
}

} // namespace

DemoAssets demoAssets()
{
    DemoAssets assets{dataFolder() / "models/SmolLM2-135M-Instruct.Q4_1.gguf", textFolder() / "calibration.txt",
                      textFolder() / "check.txt"};
    require(assets.model, "`./studio build` downloads it");
    require(assets.calibrationText, "the installation is incomplete");
    require(assets.checkText, "the installation is incomplete");
    return assets;
}

std::string_view version()
{
    return EIGENQUANT_VERSION;
}

} // namespace eigenquant
