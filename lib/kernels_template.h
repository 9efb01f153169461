/* kernels_template.h */
