// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/site_flags.h"

#include "app/cli/parse.h"
#include "core/base/error.h"

#include <limits>

namespace eigenquant::cli {

void SiteFlags::addTo(CLI::App& verb)
{
    verb.add_option("--layer", layer, "the layer, from 0")->required()->type_name("L");
    verb.add_option("--site", site, "attn_in, attn_out, mlp_in or mlp_out")->required()->type_name("S");
}

SiteId SiteFlags::toSite() const
{
    const auto found = siteFromName(site);
    if (!found)
        throw Error::usage("there is no such site")
            .field("--site")
            .found("\"" + site + "\"")
            .expected("attn_in, attn_out, mlp_in or mlp_out");
    return {static_cast<int>(parseInteger("--layer", layer, 0, std::numeric_limits<int>::max())), *found};
}

} // namespace eigenquant::cli
