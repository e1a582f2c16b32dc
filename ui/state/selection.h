// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <QObject>

namespace eigenquant {

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

signals:
    void siteChanged(eigenquant::SiteId site);
    void channelChanged(int channel);
    void layerCountChanged(int layers);

private:
    SiteId m_site;
    int m_channel = -1;
    int m_layerCount = 0;
};

} // namespace eigenquant
