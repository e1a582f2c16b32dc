// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <CLI/CLI.hpp>

#include <string>

namespace eigenquant::cli {

/// --layer and --site, which several verbs share.
struct SiteFlags {
    std::string layer, site;

    void addTo(CLI::App& verb);
    /// Throws Error::usage naming the flag.
    SiteId toSite() const;
};

} // namespace eigenquant::cli
