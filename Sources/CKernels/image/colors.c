#include "colors.h"

/// The cell that a value in 0...255 lies in, and its place there in 0...1.
static inline int cell_of(float value, int size, float *place) {
    float position = value * (1.0f / 255) * (float)(size - 1);
    // NaN becomes 0.
    if (!(position > 0)) position = 0;
    if (position > (float)(size - 1)) position = (float)(size - 1);
    int cell = (int)position;
    if (cell > size - 2) cell = size - 2;
    *place = position - (float)cell;
    return cell;
}

void kernel_map_by_table(float *values, ptrdiff_t plane, ptrdiff_t count, const float offset[3], const float *table,
                         int size) {
    const ptrdiff_t step[3] = {3, 3 * (ptrdiff_t)size, 3 * (ptrdiff_t)size * size};
    for (ptrdiff_t i = 0; i < count; i++) {
        float place[3];
        const float *corner = table;
        for (int c = 0; c < 3; c++) {
            corner += step[c] * cell_of(values[c * plane + i] + offset[c], size, &place[c]);
        }
        // From the cell's first corner to its last, along the axes in the order of the places.
        int high = 0, middle = 1, low = 2, other;
        if (place[high] < place[middle]) other = high, high = middle, middle = other;
        if (place[middle] < place[low]) other = middle, middle = low, low = other;
        if (place[high] < place[middle]) other = high, high = middle, middle = other;
        const float *second = corner + step[high], *third = second + step[middle], *last = third + step[low];
        const float w0 = 1 - place[high], w1 = place[high] - place[middle], w2 = place[middle] - place[low],
                    w3 = place[low];
        for (int c = 0; c < 3; c++) {
            values[c * plane + i] = w0 * corner[c] + w1 * second[c] + w2 * third[c] + w3 * last[c] - offset[c];
        }
    }
}
