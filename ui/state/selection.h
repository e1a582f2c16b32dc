// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <QObject>

#include <optional>

namespace eigenquant {

/// What the pointer is over in one of the plots, so that all others can mark the same thing.
struct Pointed {
    int layer = -1;           ///< -1: none in particular
    std::optional<Site> site; ///< nothing: none in particular
    int dimension = -1;       ///< of the rotated space, by falling eigenvalue, from 0; -1: none
    int channel = -1;         ///< in the model's own order; -1: none
    int token = -1;           ///< of the sample that is looked at; -1: none
    bool operator==(const Pointed&) const = default;
};

/// The layer, site and channel that every linked page looks at, so that pages need not know each other.
class Selection : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    SiteId site() const { return m_site; }
    int layer() const { return m_site.layer; }
    /// A channel of the site in the model's own order; -1: none.
    int channel() const { return m_channel; }
    int layerCount() const { return m_layerCount; }

    /// Keeps the selection inside a model of `layers` layers.
    void setLayerCount(int layers);
    /// Clamps the layer; a new site drops the channel.
    void setSite(SiteId site);
    void setLayer(int layer) { setSite({layer, m_site.site}); }
    void setChannel(int channel);
    const Pointed& pointed() const { return m_pointed; }
    void setPointed(const Pointed& pointed);

signals:
    void siteChanged(eigenquant::SiteId site);
    void channelChanged(int channel);
    void layerCountChanged(int layers);
    void pointedChanged(const eigenquant::Pointed& pointed);

private:
    SiteId m_site;
    int m_channel = -1;
    int m_layerCount = 0;
    Pointed m_pointed;
};

} // namespace eigenquant
