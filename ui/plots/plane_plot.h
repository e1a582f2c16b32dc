// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

class QCPAxis;
class QCPAxisRect;

namespace eigenquant {

/// The mean squares of two numbers a token and of their product: what is known of a plane of two channels.
struct PlaneMoment {
    double first = 0, second = 0, product = 0;

    static PlaneMoment of(const std::vector<std::pair<double, double>>& points);
    /// The mean square along an axis that is turned by `radians` from the first channel.
    double along(double radians) const;
    /// The mean product of the numbers on that axis and on the one across it.
    double crossing(double radians) const;
    /// The angle of the axis that holds most, within a half turn around 0.
    double principalAngle() const;
};

/// One dot a token in the plane of two channels, with a pair of axes that can be turned, and the energy in each axis.
class PlanePlot : public PlotView {
    Q_OBJECT

public:
    explicit PlanePlot(QWidget* parent = nullptr);

    void setPoints(std::vector<std::pair<double, double>> points, const QString& firstName, const QString& secondName);
    void setAngle(double radians);
    const PlaneMoment& moment() const { return m_moment; }
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    void drawPoints(const PlotTheme& theme);
    void drawAxis(const PlotTheme& theme, QCPAxis& x, QCPAxis& y, int number, double radians);
    void drawEnergies(const PlotTheme& theme);
    void keepSquare();

    std::vector<std::pair<double, double>> m_points;
    QString m_firstName, m_secondName;
    PlaneMoment m_moment;
    double m_radians = 0;
    double m_reach = 1; ///< half the side of the square that is shown
    QCPAxisRect* m_plane = nullptr;
};

} // namespace eigenquant
