/* hdf5.h */
