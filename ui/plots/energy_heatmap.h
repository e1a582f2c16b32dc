// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/plots/plot_cursor.h"
#include "ui/plots/plot_view.h"

#include <array>
#include <map>
#include <memory>
#include <vector>

class QCPAxisRect;
class QCPColorMap;
class QCPCurve;
class QCPItemRect;

namespace eigenquant {

/// Layers × dimensions: how far each eigenvalue lies above or below its site's mean, in powers of ten.
/// One panel a site.
class EnergyHeatmap : public PlotView {
    Q_OBJECT

public:
    explicit EnergyHeatmap(QWidget* parent = nullptr);

    void setStatistics(std::shared_ptr<const ModelStatistics> statistics, std::vector<Site> sites);
    const std::shared_ptr<const ModelStatistics>& statistics() const { return m_statistics; }
    const std::vector<Site>& sites() const { return m_sites; }
    /// Frames this layer; -1: none.
    void setSelectedLayer(int layer);
    /// Draws a line at this share of the dimensions, 0..1, layer by layer: what a plan keeps in FP16. Sites that are
    /// not named have none.
    void setKeptShares(std::map<Site, std::vector<double>> shares);
    TableData table() const override;

signals:
    void layerClicked(int layer);

protected:
    void draw(const PlotTheme& theme) override;
    Pointed under(const QPointF& position) const override;
    void mark(const Pointed& pointed) override;

private:
    /// One site's map, with what lies on it.
    struct Panel {
        Site site = Site::AttnIn;
        QCPAxisRect* rect = nullptr;
        QCPItemRect* frame = nullptr;
        std::array<QCPCurve*, 2> kept{}; ///< a dark line within a light one, which is seen on every colour
        PlotCursor row, column;
    };

    void drawPanel(const PlotTheme& theme, int row, int column, Site site);
    void drawScale(const PlotTheme& theme, QCPAxisRect& rect, QCPColorMap& map);
    void addMarks(const PlotTheme& theme, QCPAxisRect& rect, Site site);
    void placeFrames();
    void placeKept();
    int layers() const { return m_statistics ? int(m_statistics->sites.size() / kAllSites.size()) : 0; }
    QString wordsAt(SiteId site, int dimension) const;

    std::shared_ptr<const ModelStatistics> m_statistics;
    std::vector<Site> m_sites;
    std::vector<Panel> m_panels;
    std::map<Site, std::vector<double>> m_keptShares;
    int m_selectedLayer = -1;
};

/// The eigenvalues' mean over each of `bins` equal stretches of their ranks, against the mean of all,
/// as log10; NaN where there is nothing to compare.
std::vector<double> relativeSpectrum(const std::vector<double>& eigenvalues, int bins);

} // namespace eigenquant
